"""Model providers: one file per service behind the types and errors of `base`."""
