// RDF4J's federation engine (FedX) over the endpoints that are its arguments. Each line of input is
// a query in Base64; each line of output is how many rows it has, or what went wrong.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.eclipse.rdf4j.federated.FedXFactory;
import org.eclipse.rdf4j.federated.repository.FedXRepository;
import org.eclipse.rdf4j.query.BooleanQuery;
import org.eclipse.rdf4j.query.Query;
import org.eclipse.rdf4j.query.TupleQuery;
import org.eclipse.rdf4j.query.TupleQueryResult;
import org.eclipse.rdf4j.repository.RepositoryConnection;

public class Federation {
    public static void main(String[] endpoints) throws Exception {
        FedXRepository federation = FedXFactory.createSparqlFederation(Arrays.asList(endpoints));
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String text = new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8);
            String said;
            try (RepositoryConnection connection = federation.getConnection()) {
                said = String.valueOf(count(connection.prepareQuery(text)));
            } catch (RuntimeException error) {
                said = String.valueOf(error).replaceAll("\\s+", " ");
            }
            System.out.println(said);
        }
        federation.shutDown();
    }

    private static long count(Query query) {
        if (query instanceof BooleanQuery asked) {
            return asked.evaluate() ? 1 : 0;
        }
        long rows = 0;
        try (TupleQueryResult found = ((TupleQuery) query).evaluate()) {
            for (; found.hasNext(); found.next()) {
                rows++;
            }
        }
        return rows;
    }
}
