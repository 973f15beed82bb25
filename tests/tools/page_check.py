#!/usr/bin/env python3
"""Validates PDF files with a validator that shares no code with veraPDF: page_check.py 3a,ua1 FILE...

Needs: pip install page-validation==0.11.0. Output and exit codes are those of VeraCheck.java: one line a file and
profile, FILE<TAB>PROFILE<TAB>pass|fail|error, under a failed one a line for each broken rule; 0 all pass, 1 some fail,
2 some could not be validated.
"""

import sys
from collections import Counter

try:
    import page
except ImportError:
    print("page_check: page-validation is missing: pip install page-validation==0.11.0", file=sys.stderr)
    sys.exit(2)

PROFILES = {
    "1a": page.ValidationProfile.PDF_A_1A,
    "1b": page.ValidationProfile.PDF_A_1B,
    "2a": page.ValidationProfile.PDF_A_2A,
    "2b": page.ValidationProfile.PDF_A_2B,
    "2u": page.ValidationProfile.PDF_A_2U,
    "3a": page.ValidationProfile.PDF_A_3A,
    "3b": page.ValidationProfile.PDF_A_3B,
    "3u": page.ValidationProfile.PDF_A_3U,
    "ua1": page.ValidationProfile.PDF_UA_1,
}
FAILED, ERROR = 1, 2
# The outline of a long document is a long chain, and its tables have thousands of rows.
LIMITS = page.SafetyLimits(max_reference_depth=20_000, max_table_grid_rows=20_000)


def check(file, profile):
    subject = f"{file}\t{profile}\t"
    try:
        report = page.validate_pdf(file, profile=PROFILES[profile], limits=LIMITS)
    except (page.PageError, OSError) as error:
        print(f"{subject}error\n  {error}")
        return ERROR
    if report.is_compliant:
        print(f"{subject}pass")
        return 0
    print(f"{subject}fail")
    rules = Counter(f"{failure.rule_id} {failure.message}" for failure in report.failures)
    for rule, times in sorted(rules.items()):
        print(f"  {rule} ({times} times)")
    return FAILED


def main(arguments):
    if len(arguments) < 2:
        print("usage: page_check.py PROFILE[,PROFILE...] FILE...", file=sys.stderr)
        return ERROR
    profiles = arguments[0].split(",")
    unknown = [profile for profile in profiles if profile not in PROFILES]
    if unknown:
        print(f"page_check: no profile {unknown[0]!r}; there are {', '.join(PROFILES)}", file=sys.stderr)
        return ERROR
    return max(check(file, profile) for file in arguments[1:] for profile in profiles)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
