"""A tagged PDF of matplotlib's figures: what is a heading, a paragraph, a picture with its words.

matplotlib writes no tags. It tells its renderers, though, which artist is drawn (`open_group`), so
that each is written here as marked content, and the structure tree that names it at the end (PDF
1.7, ISO 32000-1, 14.6 to 14.8). A screen reader then reads headings, lists and what pictures show,
in the order of the page. Whether all of PDF/UA holds was not checked, and is not claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from matplotlib.backends.backend_pdf import Name, PdfFile, RendererPdf
from matplotlib.figure import Figure

ARTIFACT = b"/Artifact BMC\n"


@dataclass(frozen=True)
class Tag:
    """What an artist is: a structure type of PDF 1.7, and of a figure what it shows.

    A `Lbl` and the `LBody` that follow it become one item of a list.
    """

    role: str
    alt: str = ""


class TaggedPdf:
    """Pages, written to a binary stream one after the other; whole once it is closed."""

    def __init__(self, stream: BinaryIO, *, title: str, creator: str, language: str) -> None:
        """`language` is a language tag as in BCP 47, "es-MX"."""
        self._file = _File(stream, {"Title": title, "Creator": creator})
        self._language = language
        self._tree = self._file.reserveObject("structure tree")
        self._document = self._file.reserveObject("document")
        self._sections: list[Any] = []
        self._parents: list[Any] = []

    def add(self, figure: Figure, tags: Mapping[str, Tag]) -> None:
        """Add a page; `tags` by the artists' gids, in the order in which they are to be read.

        What has none is decoration, and not read aloud.
        """
        resolution, figure.dpi = figure.dpi, 72  # points to an inch
        width, height = figure.get_size_inches()
        self._file.newPage(width, height)
        renderer = _Renderer(self._file, resolution, height, width, tags)
        figure.draw(renderer)
        renderer.finalize()
        self._file.endStream()
        self._add_structure(tags, renderer.marked)

    def close(self) -> None:
        """Write the structure and what the pages share."""
        file = self._file
        kids = {"Type": Name("StructElem"), "S": Name("Document"), "P": self._tree}
        file.writeObject(self._document, {**kids, "K": self._sections})
        parents = file.reserveObject("parent tree")
        pairs = [part for number, own in enumerate(self._parents) for part in (number, own)]
        file.writeObject(parents, {"Nums": pairs})
        tree = {"Type": Name("StructTreeRoot"), "K": [self._document], "ParentTree": parents}
        file.writeObject(self._tree, {**tree, "ParentTreeNextKey": len(self._parents)})
        catalogue = {
            "Type": Name("Catalog"),
            "Pages": file.pagesObject,
            "MarkInfo": {"Marked": True},
            "StructTreeRoot": self._tree,
            "Lang": self._language,
            "ViewerPreferences": {"DisplayDocTitle": True},
        }
        file.writeObject(file.rootObject, catalogue)  # in place of that without a structure
        file.finalize()
        file.close()

    def _add_structure(self, tags: Mapping[str, Tag], marked: Mapping[str, int]) -> None:
        file, page = self._file, self._file.pageList[-1]
        section, of_content = file.reserveObject("section"), [None] * len(marked)
        kids: list[Any] = []
        items: list[tuple[Any, list[Any]]] = []

        def end_list() -> None:
            if not items:
                return
            whole = file.reserveObject("list")
            for item, parts in items:
                file.writeObject(item, _element("LI", whole, K=parts))
            file.writeObject(whole, _element("L", section, K=[item for item, _parts in items]))
            kids.append(whole)
            items.clear()

        for gid, tag in tags.items():
            if gid not in marked:
                continue
            element = file.reserveObject(tag.role)
            of_content[marked[gid]] = element
            if tag.role in ("Lbl", "LBody"):
                if tag.role == "Lbl" or not items:
                    items.append((file.reserveObject("item"), []))
                parent = items[-1][0]
                items[-1][1].append(element)
            else:
                end_list()
                parent = section
                kids.append(element)
            more = {"Alt": tag.alt} if tag.alt else {}
            file.writeObject(element, _element(tag.role, parent, Pg=page, K=marked[gid], **more))
        end_list()
        file.writeObject(section, _element("Sect", self._document, Pg=page, K=kids))
        self._sections.append(section)
        self._parents.append(of_content)


class _File(PdfFile):
    """Names the structure of each page as it is written."""

    def __init__(self, stream: BinaryIO, metadata: dict[str, str]) -> None:
        super().__init__(stream, metadata=metadata)

    def writeObject(self, object: Any, contents: Any) -> None:  # noqa: N802
        if isinstance(contents, dict) and contents.get("Type") == Name("Page"):
            number = len(self.pageList)
            contents = {**contents, "StructParents": number, "Tabs": Name("S")}
        super().writeObject(object, contents)


class _Renderer(RendererPdf):
    """Writes each tagged artist as marked content; `marked` has the number of each gid."""

    def __init__(
        self, file: _File, dpi: float, height: float, width: float, tags: Mapping[str, Tag]
    ) -> None:
        super().__init__(file, dpi, height, width)
        self._tags = tags
        self._depth = 0
        self.marked: dict[str, int] = {}

    def open_group(self, s: str, gid: str | None = None) -> None:
        if s == "figure":
            return
        if self._depth == 0:
            tag = self._tags.get(gid or "")
            if gid is None or tag is None or gid in self.marked:
                self.file.write(ARTIFACT)
            else:
                self.marked[gid] = len(self.marked)
                said = f"/{tag.role} <</MCID {self.marked[gid]}>> BDC\n"
                self.file.write(said.encode("ascii"))
        self._depth += 1

    def close_group(self, s: str) -> None:
        if s == "figure":
            return
        self._depth -= 1
        if self._depth == 0:
            self.file.write(b"EMC\n")


def _element(role: str, parent: Any, **more: Any) -> dict[str, Any]:
    return {"Type": Name("StructElem"), "S": Name(role), "P": parent, **more}
