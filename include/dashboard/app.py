"""The dashboard: `streamlit run include/dashboard/app.py`, or `make dashboard` on a laptop."""

from pathlib import Path

import streamlit as st

VIEWS = Path(__file__).parent / "views"


def main() -> None:
    """Show the view that the address names; the first one at the root."""
    # No icon: Streamlit has a browser fetch its icons for pages from elsewhere.
    st.set_page_config(page_title="LA fires recovery", layout="wide")
    page = st.navigation(
        [
            st.Page(VIEWS / "now.py", title="Recovery now", default=True),
            st.Page(VIEWS / "over_time.py", title="Over time"),
            st.Page(VIEWS / "on_a_map.py", title="On a map"),
            st.Page(VIEWS / "permits.py", title="Permits"),
            st.Page(VIEWS / "feedback.py", title="Page feedback"),
            st.Page(VIEWS / "pipeline.py", title="Pipeline health"),
            st.Page(VIEWS / "cost.py", title="Warehouse cost"),
        ],
        position="top",
    )
    st.title(page.title)
    page.run()


if __name__ == "__main__":
    main()
