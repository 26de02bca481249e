"""The recovery's numbers over time and on a map: a Streamlit app, and the queries behind it."""
