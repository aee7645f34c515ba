// RDF4J's store and its query engine behind the SPARQL protocol: port and N-Triples file as arguments.
// RDF4J's own server is a web application that Maven Central does not hold.

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import org.eclipse.rdf4j.query.BooleanQuery;
import org.eclipse.rdf4j.query.GraphQuery;
import org.eclipse.rdf4j.query.MalformedQueryException;
import org.eclipse.rdf4j.query.Query;
import org.eclipse.rdf4j.query.TupleQuery;
import org.eclipse.rdf4j.query.resultio.sparqljson.SPARQLBooleanJSONWriter;
import org.eclipse.rdf4j.query.resultio.sparqljson.SPARQLResultsJSONWriter;
import org.eclipse.rdf4j.query.resultio.sparqlxml.SPARQLBooleanXMLWriter;
import org.eclipse.rdf4j.query.resultio.sparqlxml.SPARQLResultsXMLWriter;
import org.eclipse.rdf4j.repository.RepositoryConnection;
import org.eclipse.rdf4j.repository.sail.SailRepository;
import org.eclipse.rdf4j.rio.RDFFormat;
import org.eclipse.rdf4j.rio.ntriples.NTriplesWriter;
import org.eclipse.rdf4j.sail.memory.MemoryStore;

public class Server {
    private static final SailRepository REPOSITORY = new SailRepository(new MemoryStore());
    private static final String JSON = "application/sparql-results+json";
    private static final String XML = "application/sparql-results+xml";

    public static void main(String[] arguments) throws IOException {
        try (RepositoryConnection connection = REPOSITORY.getConnection()) {
            connection.add(Path.of(arguments[1]).toFile(), RDFFormat.NTRIPLES);
        }
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
        HttpServer server = HttpServer.create(address, 64);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.createContext("/sparql", Server::answer);
        server.start();
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            try {
                send(exchange, query(exchange));
            } catch (MalformedQueryException error) {
                refuse(exchange, 400, error);
            } catch (RuntimeException error) {
                refuse(exchange, 500, error);
            }
        }
    }

    private static void send(HttpExchange exchange, String text) throws IOException {
        var body = new ByteArrayOutputStream();
        String accept = exchange.getRequestHeaders().getFirst("Accept");
        String type = accept != null && accept.startsWith(XML) ? XML : JSON;
        try (RepositoryConnection connection = REPOSITORY.getConnection()) {
            Query query = connection.prepareQuery(text);
            if (query instanceof TupleQuery tuples) {
                tuples.evaluate(type == XML ? new SPARQLResultsXMLWriter(body) : new SPARQLResultsJSONWriter(body));
            } else if (query instanceof BooleanQuery asked) {
                var writer = type == XML ? new SPARQLBooleanXMLWriter(body) : new SPARQLBooleanJSONWriter(body);
                writer.handleBoolean(asked.evaluate());
            } else if (query instanceof GraphQuery graph) {
                graph.evaluate(new NTriplesWriter(body));
                type = "application/n-triples";
            }
        }
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, body.size());
        body.writeTo(exchange.getResponseBody());
    }

    private static void refuse(HttpExchange exchange, int status, Exception error) throws IOException {
        byte[] body = String.valueOf(error.getMessage()).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    // The three ways of the protocol: in the address, in a form, as the body itself.
    private static String query(HttpExchange exchange) throws IOException {
        String sent = exchange.getRequestURI().getRawQuery();
        if (exchange.getRequestMethod().equals("POST")) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (exchange.getRequestHeaders().getFirst("Content-Type").startsWith("application/sparql-query")) {
                return body;
            }
            sent = body;
        }
        for (String field : String.valueOf(sent).split("&")) {
            if (field.startsWith("query=")) {
                return URLDecoder.decode(field.substring("query=".length()), StandardCharsets.UTF_8);
            }
        }
        throw new MalformedQueryException("There is no query.");
    }
}
