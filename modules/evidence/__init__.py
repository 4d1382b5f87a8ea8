"""Electronic evidence across borders: channels, requests, admissibility. Not legal advice."""
