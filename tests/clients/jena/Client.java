import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.jena.atlas.json.JSON;
import org.apache.jena.atlas.json.JsonObject;
import org.apache.jena.atlas.web.HttpException;
import org.apache.jena.http.auth.AuthEnv;
import org.apache.jena.query.DatasetFactory;
import org.apache.jena.query.QueryExecution;
import org.apache.jena.query.QueryExecutionFactory;
import org.apache.jena.query.ResultSetFormatter;
import org.apache.jena.rdf.model.Model;
import org.apache.jena.rdf.model.ModelFactory;
import org.apache.jena.riot.Lang;
import org.apache.jena.riot.RDFDataMgr;
import org.apache.jena.sparql.engine.http.QueryExceptionHTTP;
import org.apache.jena.sparql.exec.http.GSP;
import org.apache.jena.sparql.exec.http.QueryExecutionHTTP;
import org.apache.jena.sparql.exec.http.UpdateExecutionHTTP;

/** Apache Jena on the command line: one request a line as JSON, one answer a line. */
public class Client {
    private static final Map<String, Action> ACTIONS = new LinkedHashMap<>();

    private interface Action {
        void run(JsonObject request, JsonObject answer);
    }

    static {
        ACTIONS.put("select", Client::select);
        ACTIONS.put("ask", (request, answer) -> {
            try (QueryExecution asked = remote(request)) {
                answer.put("boolean", asked.execAsk());
            }
        });
        ACTIONS.put("construct", (request, answer) -> {
            try (QueryExecution asked = remote(request)) {
                answer.put("triples", written(asked.execConstruct()));
            }
        });
        ACTIONS.put("service", (request, answer) -> {
            try (QueryExecution asked =
                    QueryExecutionFactory.create(text(request, "text"), DatasetFactory.create())) {
                answer.put("rows", rows(asked));
            }
        });
        ACTIONS.put("token", (request, answer) ->
            AuthEnv.get().setBearerToken(text(request, "address"), text(request, "text")));
        ACTIONS.put("update", (request, answer) ->
            UpdateExecutionHTTP.service(text(request, "address")).update(text(request, "text"))
                .execute());
        ACTIONS.put("get", (request, answer) ->
            answer.put("triples", written(ModelFactory.createModelForGraph(graph(request).GET()))));
        ACTIONS.put("put", (request, answer) -> graph(request).PUT(read(request).getGraph()));
        ACTIONS.put("post", (request, answer) -> graph(request).POST(read(request).getGraph()));
        ACTIONS.put("delete", (request, answer) -> graph(request).DELETE());
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader requests =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            JsonObject answer = new JsonObject();
            try {
                JsonObject request = JSON.parse(line);
                ACTIONS.get(text(request, "action")).run(request, answer);
            } catch (HttpException refused) {
                answer.put("status", refused.getStatusCode());
                answer.put("body", String.valueOf(refused.getResponse()));
            } catch (QueryExceptionHTTP refused) {
                answer.put("status", refused.getStatusCode());
                answer.put("body", String.valueOf(refused.getResponse()));
            } catch (RuntimeException failed) {
                answer.put("failed", failed.toString());
            }
            System.out.write((answer.toString().replace("\n", " ") + "\n")
                .getBytes(StandardCharsets.UTF_8));
            System.out.flush();
        }
    }

    private static void select(JsonObject request, JsonObject answer) {
        try (QueryExecution asked = remote(request)) {
            answer.put("rows", rows(asked));
        }
    }

    private static QueryExecution remote(JsonObject request) {
        String accept = text(request, "accept");
        var builder = QueryExecutionHTTP.service(text(request, "address"))
            .queryString(text(request, "text"));
        return (accept.isEmpty() ? builder : builder.acceptHeader(accept)).build();
    }

    /** The solutions as SPARQL JSON. */
    private static String rows(QueryExecution asked) {
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        ResultSetFormatter.outputAsJSON(rows, asked.execSelect());
        return rows.toString(StandardCharsets.UTF_8);
    }

    private static GSP graph(JsonObject request) {
        return GSP.service(text(request, "address")).graphName(text(request, "graph"));
    }

    private static Model read(JsonObject request) {
        Model model = ModelFactory.createDefaultModel();
        RDFDataMgr.read(model, new StringReader(text(request, "text")), null, Lang.TURTLE);
        return model;
    }

    private static String written(Model model) {
        StringWriter triples = new StringWriter();
        RDFDataMgr.write(triples, model, Lang.NTRIPLES);
        return triples.toString();
    }

    private static String text(JsonObject request, String name) {
        return request.hasKey(name) ? request.get(name).getAsString().value() : "";
    }
}
