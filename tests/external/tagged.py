"""The words of a PDF by its tags, read from the content streams: what is tagged, in the order of the tree, what is an
artifact, and what is neither."""

import re

import pikepdf

SPACE = re.compile(r"[\s\u00ad\u200b-]+")
HEX = re.compile(rb"<([0-9A-Fa-f]*)>")


def letters(text):
    """A text without what line breaking may add or take away: white space and hyphens."""
    return SPACE.sub("", text)


def string(hexadecimal):
    return bytes.fromhex(hexadecimal.decode()).decode("utf-16-be", "replace")


def unicode_of(font):
    """Codes of a font and the text that they stand for, from its ToUnicode map."""
    found = {}
    if "/ToUnicode" not in font:
        return found
    stream = font.ToUnicode.read_bytes()
    for section in re.findall(rb"beginbfchar(.*?)endbfchar", stream, re.S):
        parts = HEX.findall(section)
        found.update((int(code, 16), string(text)) for code, text in zip(parts[::2], parts[1::2]))
    for section in re.findall(rb"beginbfrange(.*?)endbfrange", stream, re.S):
        for first, last, target in re.findall(rb"<(\w+)>\s*<(\w+)>\s*(<\w+>|\[.*?\])", section, re.S):
            texts = [string(text) for text in HEX.findall(target)]
            for index in range(int(last, 16) - int(first, 16) + 1):
                if target.startswith(b"["):
                    found[int(first, 16) + index] = texts[index]
                else:
                    found[int(first, 16) + index] = texts[0][:-1] + chr(ord(texts[0][-1]) + index)
    return found


class Pages:
    """The text of each page by marked-content id, and what bears none."""

    def __init__(self, pdf):
        self.fonts = {}
        self.marked = {}
        self.artifacts = []
        self.loose = []
        for page in pdf.pages:
            self.page = page.obj.objgen
            self.marked[self.page] = {}
            self.page_artifacts = []
            self.read(page, page.obj.get("/Resources", {}), [])
            self.artifacts.append(letters("".join(self.page_artifacts)))

    def read(self, stream, resources, above):
        """Walks one content stream; `above` holds the marked content that is open around it."""
        opened = list(above)
        font = {}
        fonts = resources.get("/Font", {})
        for operands, operator in pikepdf.parse_content_stream(stream, "BDC BMC EMC Tf Tj TJ ' \" Do"):
            name = str(operator)
            if name in ("BDC", "BMC"):
                opened.append(self.mark(operands, resources))
                if opened[-1][2] is not None:
                    self.put(opened[:-1], opened[-1][2])
                    opened[-1] = (opened[-1][0], opened[-1][1], "")
            elif name == "EMC":
                opened.pop()
            elif name == "Tf":
                font = self.font(fonts[str(operands[0])])
            elif name == "Do":
                form = resources.XObject[str(operands[0])]
                if form.get("/Subtype") == "/Form":
                    self.read(form, form.get("/Resources", resources), opened)
                elif not self.home(opened):
                    self.loose.append("a picture")
            else:
                parts = operands[0] if name == "TJ" else operands[-1:]
                text = "".join(self.text(font, part) for part in parts if isinstance(part, pikepdf.String))
                # Where ActualText stands, the glyphs below it say nothing.
                if all(actual is None for _, _, actual in opened):
                    self.put(opened, text)

    @staticmethod
    def mark(operands, resources):
        """Name, marked-content id and ActualText of what is being opened."""
        properties = operands[1] if len(operands) > 1 else {}
        if isinstance(properties, pikepdf.Name):
            properties = resources.Properties[str(properties)]
        number = properties.get("/MCID")
        actual = properties.get("/ActualText")
        return str(operands[0]), None if number is None else int(number), None if actual is None else str(actual)

    @staticmethod
    def home(opened):
        """The innermost mark that says where content belongs: an artifact or a marked-content id."""
        for name, number, _ in reversed(opened):
            if name == "/Artifact" or number is not None:
                return name, number
        return None

    def put(self, opened, text):
        home = self.home(opened)
        if home is None:
            if letters(text):
                self.loose.append(text)
        elif home[0] == "/Artifact":
            self.page_artifacts.append(text)
        else:
            page = self.marked[self.page]
            page[home[1]] = page.get(home[1], "") + text

    def font(self, font):
        if font.objgen not in self.fonts:
            self.fonts[font.objgen] = unicode_of(font)
        return self.fonts[font.objgen]

    @staticmethod
    def text(font, part):
        codes = bytes(part)
        pairs = (int.from_bytes(codes[at : at + 2], "big") for at in range(0, len(codes), 2))
        return "".join(font.get(code, "\ufffd") for code in pairs)


def kids(element):
    """What is below an element of the tree: elements, marked-content ids, references to objects."""
    below = element.get("/K")
    if below is None:
        return []
    return list(below) if isinstance(below, pikepdf.Array) else [below]


def is_element(kid):
    return isinstance(kid, pikepdf.Dictionary) and "/S" in kid


def role(element, roles):
    mapped = roles.get(str(element.S))
    return str(element.S if mapped is None else mapped)[1:]


class Element:
    """An element of the tree with its role, its words and what is below it."""

    def __init__(self, element, roles, pages, page=None):
        page = element.get("/Pg", page)
        self.raw = element
        self.role = role(element, roles)
        self.alt = str(element.get("/Alt", ""))
        self.parts = []
        for kid in kids(element):
            if is_element(kid):
                self.parts.append(Element(kid, roles, pages, page))
                continue
            number, where = kid, page
            if isinstance(kid, pikepdf.Dictionary):
                if "/MCID" not in kid:
                    continue
                number, where = kid.MCID, kid.get("/Pg", page)
            self.parts.append(pages.marked[where.objgen].get(int(number), ""))
        if "/ActualText" in element:
            self.parts = [str(element.ActualText)]

    def elements(self):
        return [part for part in self.parts if isinstance(part, Element)]

    def walk(self):
        yield self
        for part in self.elements():
            yield from part.walk()

    def text(self, without=()):
        """The words below in the order of the tree, roles in `without` left out."""
        return "".join(
            part if isinstance(part, str) else part.text(without)
            for part in self.parts
            if isinstance(part, str) or part.role not in without
        )

    def attribute(self, name):
        """A standard attribute, such as the scope of a header cell."""
        held = self.raw.get("/A", [])
        for part in list(held) if isinstance(held, pikepdf.Array) else [held]:
            if isinstance(part, pikepdf.Dictionary) and name in part:
                return part[name]
        return None


def tree(pdf):
    """The elements at the top of the tree, and the pages that they were read from."""
    root = pdf.Root.StructTreeRoot
    pages = Pages(pdf)
    roles = {str(key): value for key, value in root.get("/RoleMap", {}).items()}
    return [Element(kid, roles, pages) for kid in kids(root) if is_element(kid)], pages
