"""The one way to judge: settings, opening, sources, enrolment, and the one composition."""
