import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks patrol-serve for decisions, from Java alone: {@code java Client.java PORT AREA}, with the path of an area file that has
 * at least fourteen nodes. A program that has a JSON library would use it; this one needs none.
 */
public final class Client implements AutoCloseable {
    private static final int TIMEOUT_MILLISECONDS = 30_000;
    private static final Pattern STATUS = Pattern.compile("\"status\":\"([A-Z_]+)\"");
    private static final Pattern ERROR = Pattern.compile("\"error\":\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern SENT = Pattern.compile(
        "\"unit_id\":(\\d+),\"incident_id\":(\\d+),\"diverted_from\":(?:null|\\d+),\"travel_seconds\":([0-9.eE+-]+)");

    private final Socket socket;
    private final OutputStream out;
    private final BufferedReader in;
    private long last;

    public Client(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLISECONDS);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Sends a request and waits for its answer.
     *
     * @param members what the request has besides its id, as JSON: {@code "kind":"version"}
     * @return the answer, as JSON
     * @throws IOException if the connection ends, if nothing is answered in time, or with the sentence of a refusal
     */
    public String ask(String members) throws IOException {
        last += 1;
        out.write(("{\"id\":" + last + "," + members + "}\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
        String answer = in.readLine();
        if (answer == null) throw new IOException("the connection has ended");
        if (!answer.startsWith("{\"id\":" + last + ",")) throw new IOException("this is no answer to request " + last + ": " + answer);
        Matcher status = STATUS.matcher(answer);
        if (status.find() && status.group(1).equals("OK")) return answer;
        Matcher error = ERROR.matcher(answer);
        throw new IOException(error.find() ? error.group(1) : answer);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** A text in quotation marks. */
    static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') json.append('\\').append(c);
            else if (c < ' ') json.append(String.format("\\u%04x", (int) c));
            else json.append(c);
        }
        return json.append('"').toString();
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("usage: java Client.java PORT AREA");
            System.exit(2);
        }
        try (Client client = new Client(Integer.parseInt(arguments[0]))) {
            client.ask("\"kind\":\"load\",\"area\":" + quoted(arguments[1]) + ",\"max_units\":10,\"max_incidents\":10");
            String answer = client.ask(
                "\"kind\":\"decide\",\"snapshot\":{\"time_seconds\":28800,"
                + "\"units\":[{\"id\":17,\"node\":0},{\"id\":18,\"node\":5}],"
                + "\"incidents\":[{\"id\":4711,\"node\":13,\"priority\":1}]},"
                + "\"options\":{\"deadline_microseconds\":200000}");
            Matcher sent = SENT.matcher(answer);
            while (sent.find()) {
                System.out.printf(
                    Locale.ROOT, "unit %s goes to call %s, %.0f s away%n", sent.group(1), sent.group(2),
                    Double.parseDouble(sent.group(3)));
            }
            try {
                client.ask("\"kind\":\"decide\",\"snapshot\":{\"units\":[{\"id\":-1}]}");
            } catch (IOException refusal) {
                System.out.println("refused: " + refusal.getMessage());
            }
        }
    }
}
