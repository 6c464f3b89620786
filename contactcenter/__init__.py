"""The root: settings, URLs, process entry points. It wires everything and decides nothing."""
