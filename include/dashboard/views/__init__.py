"""The dashboard's views, a page each; Streamlit runs them as scripts."""
