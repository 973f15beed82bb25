import java.io.FileInputStream;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Validates PDF files with veraPDF: {@code VeraCheck 3a,ua1 FILE...}.
 *
 * <p>One line a file and profile, {@code FILE<TAB>PROFILE<TAB>pass|fail|error}, and under a failed one a line for each
 * broken rule. Exit code: 0 all pass, 1 some fail, 2 some could not be validated or the arguments are wrong.
 */
public final class VeraCheck {
  private static final int FAILED = 1;
  private static final int ERROR = 2;
  private static final int FAILURES_SHOWN_PER_RULE = 100;

  public static void main(String[] arguments) {
    if (arguments.length < 2) {
      System.err.println("usage: VeraCheck PROFILE[,PROFILE...] FILE...");
      System.exit(ERROR);
    }
    VeraGreenfieldFoundryProvider.initialise();
    int exit = 0;
    for (int i = 1; i < arguments.length; i++) {
      for (String profile : arguments[0].split(",")) {
        exit = Math.max(exit, check(arguments[i], profile));
      }
    }
    System.exit(exit);
  }

  private static int check(String file, String profile) {
    String subject = file + "\t" + profile + "\t";
    try (InputStream input = new FileInputStream(file)) {
      PDFAFlavour flavour = PDFAFlavour.byFlavourId(profile);
      if (flavour == PDFAFlavour.NO_FLAVOUR) {
        throw new IllegalArgumentException("no profile of this name");
      }
      try (PDFAParser parser = Foundries.defaultInstance().createParser(input, flavour)) {
        PDFAValidator validator =
            Foundries.defaultInstance().createValidator(flavour, FAILURES_SHOWN_PER_RULE, false, false, false);
        ValidationResult result = validator.validate(parser);
        System.out.println(subject + (result.isCompliant() ? "pass" : "fail"));
        if (result.isCompliant()) {
          return 0;
        }
        brokenRules(result).forEach((rule, times) -> System.out.println("  " + rule + " (" + times + " times)"));
        return FAILED;
      }
    } catch (Exception | LinkageError error) {
      System.out.println(subject + "error");
      System.out.println("  " + error);
      return ERROR;
    }
  }

  private static Map<String, Integer> brokenRules(ValidationResult result) {
    Map<String, Integer> rules = new TreeMap<>();
    for (TestAssertion assertion : result.getTestAssertions()) {
      if (assertion.getStatus() != TestAssertion.Status.PASSED) {
        var id = assertion.getRuleId();
        rules.merge(id.getClause() + "-" + id.getTestNumber() + " " + assertion.getMessage(), 1, Integer::sum);
      }
    }
    return rules;
  }
}
