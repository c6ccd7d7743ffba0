"""Why was a token refused? Findings, the likeliest first."""
