//! Markdown in, Typst code out, and nothing of the Markdown in the code but strings.
