"""Pictures of a run: what is reckoned, where each token stands, and what is drawn."""
