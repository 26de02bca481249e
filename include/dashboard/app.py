"""The dashboard: `streamlit run include/dashboard/app.py`, or `make dashboard` on a laptop."""

from pathlib import Path

import streamlit as st

VIEWS = Path(__file__).parent / "views"


def main() -> None:
    """Run the view that the address names; at the root, the first one."""
    # No page icons: browsers would fetch Streamlit's from another server.
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
