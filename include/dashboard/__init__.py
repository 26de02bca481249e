"""The recovery's metrics over time and on a map: a Streamlit app and its queries."""
