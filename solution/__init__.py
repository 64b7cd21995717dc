"""The reference answers to PS8, one module per part. Never published: `make publish` refuses them."""
