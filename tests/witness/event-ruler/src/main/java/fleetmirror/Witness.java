package fleetmirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import software.amazon.event.ruler.JsonRuleCompiler;
import software.amazon.event.ruler.Machine;

/**
 * Judges event patterns with AWS's own engine: reads {"pattern": …, "event": …} from standard input, one case a line,
 * and answers each with one line: true, false, or invalid and the engine's complaint.
 */
public final class Witness {
  private Witness() {}

  public static void main(String[] args) throws Exception {
    ObjectMapper json = new ObjectMapper();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode testCase = json.readTree(line);
      out.println(verdict(testCase.get("pattern").toString(), testCase.get("event").toString()));
    }
  }

  private static String verdict(String pattern, String event) {
    try {
      String complaint = JsonRuleCompiler.check(pattern);
      if (complaint != null) {
        return "invalid " + complaint.replace('\n', ' ');
      }
      Machine machine = new Machine();
      machine.addRule("rule", pattern);
      return String.valueOf(!machine.rulesForJSONEvent(event).isEmpty());
    } catch (Exception e) {
      return "invalid " + String.valueOf(e.getMessage()).replace('\n', ' ');
    }
  }
}
