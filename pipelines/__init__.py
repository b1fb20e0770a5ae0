"""What happens to a Batch after the spider: normalise, validate, scrub, dedupe, then the sinks. One file, one verb.

Anything that is not a Batch passes through untouched, so a user's own items and pipelines go on working.
"""
