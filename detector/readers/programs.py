"""Programs and makers by the names that files give them: data, and the search in it.

The names come from the programs' own files and documentation. A name is matched as whole words
and whatever its case; what is ambiguous alone (`Flux`, `Imagen`, `Leonardo`) needs its company.
"""

import re
from collections.abc import Mapping

GENERATORS = {
    r"midjourney": "Midjourney",
    r"bing image creator|microsoft responsible ai image provenance": (
        "DALL-E 3 (Bing Image Creator)"
    ),
    r"dall[-·•. ]?e[- ]?2": "DALL-E 2",
    r"dall[-·•. ]?e[- ]?3": "DALL-E 3",
    r"dall[-·•. ]?e": "DALL-E",
    r"gpt[- ]?image[-\d.]*|gpt-?4o": "GPT Image",
    r"chatgpt": "ChatGPT",
    r"openai(?:[- ]api)?": "OpenAI",
    r"adobe firefly(?: (?:image|video|web)[ \w.]*)?|firefly (?:image|video|web)": "Adobe Firefly",
    r"microsoft designer|mai[- ]image[-\d]*": "Microsoft Designer",
    r"nano[- ]banana|google gemini|gemini[- ](?:\d[\w.]*|flash|pro|image)": "Gemini",
    r"google (?:generative )?ai|google imagen|imagen[- ]?[1-9][\w.-]*": "Google AI",
    r"imagined with ai|meta ai": "Meta AI",
    r"grok(?! version)|xai": "Grok",  # a codec of that name writes its version
    r"novel ?ai(?: diffusion)?": "NovelAI",
    r"stable[- ]?diffusion[- ]?xl|sdxl": "Stable Diffusion XL",
    r"stable[- ]?diffusion|automatic1111|stable-diffusion-webui": "Stable Diffusion",
    r"dream ?studio|stability ?ai|stability\.ai|stable image (?:core|ultra)": "Stability AI",
    r"comfyui": "ComfyUI",
    r"invoke ?ai": "InvokeAI",
    r"fooocus": "Fooocus",
    r"sd\.next|sdnext": "SD.Next",
    r"draw things": "Draw Things",
    r"diffusion ?bee": "DiffusionBee",
    r"easy diffusion": "Easy Diffusion",
    r"swarm ?ui": "SwarmUI",
    r"black[- ]forest[- ]labs(?: api)?|flux[.-]?[12][\w. -]*|flux\.\w+": "FLUX",
    r"ideogram(?:[ .]ai)?": "Ideogram",
    r"leonardo[ .]?ai": "Leonardo",
    r"recraft(?:[ .]ai)?": "Recraft",
    r"playground[ .]ai": "Playground AI",
    r"krea(?:[ .]ai)?": "Krea",
    r"reve(?:\.com|\.art| image)": "Reve",
    r"night ?cafe(?: studio)?": "NightCafe",
    r"craiyon": "Craiyon",
    r"wombo(?: dream)?|dream by wombo": "WOMBO Dream",
    r"starry ?ai": "starryai",
    r"artbreeder": "Artbreeder",
    r"pixai(?:\.art)?": "PixAI",
    r"tensor\.art": "Tensor.Art",
    r"sea ?art(?:\.ai)?": "SeaArt",
    r"civitai": "Civitai",
    r"waifu ?labs": "Waifu Labs",
    r"niji[- ]?journey": "Niji Journey",
    r"runway ?ml|runway gen[-\d]*": "Runway",
    r"openai sora|sora (?:by|from) openai": "Sora",
    r"magic media|canva ai": "Canva Magic Media",
    r"dreamina|jimeng|即梦(?:ai)?": "Dreamina / Jimeng",
    r"doubao|豆包|seedream|seededit": "Doubao / Seedream",
    r"kling(?: ai)?|可灵(?:ai)?|kolors": "Kling",
    r"qwen[- ]?image|tongyi(?: wanxiang)?|通义(?:千问|万相)?|wanx": "Qwen-Image",
    r"ernie[- ]vilg|wenxin yige|文心一[格言]": "ERNIE-ViLG (Baidu)",
    r"hunyuan(?:[- ]?(?:image|dit))?|腾讯混元|混元": "Hunyuan (Tencent)",
    r"hailuo(?: ai)?|海螺(?:ai)?|minimax": "Hailuo (MiniMax)",
    r"cogview|glm-?image|智谱清言": "CogView (Zhipu)",
    r"picwish": "PicWish",
    r"aphrodite ai": "Aphrodite AI",
    r"lexica(?:\.art)?": "Lexica",
    r"higgsfield(?: ai)?": "Higgsfield",
    r"freepik (?:ai|pikaso)|pikaso": "Freepik Pikaso",
}
"""Patterns of image generators, most particular first, to the name that people know."""

AI_EDITORS = {
    r"edited with google ai|magic (?:editor|eraser)|photo unblur": "Google's AI editing",
    r"generative (?:fill|expand|remove)": "Adobe's generative fill",
    r"topaz gigapixel(?: ai)?|gigapixel ai": "Topaz Gigapixel",
    r"waifu2x[\w-]*": "waifu2x",
    r"real-?esrgan[\w-]*": "Real-ESRGAN",
    r"upscayl": "Upscayl",
    r"magnific(?:[ .]ai)?": "Magnific",
    r"galaxy ai": "Galaxy AI",
    r"apple photos clean up": "Apple's Clean Up",
}
"""Patterns of programs that generate parts or detail of an image that they did not make."""

PAINTING_PROGRAMS = {
    r"clip ?studio(?: paint)?|celsys": "CLIP STUDIO PAINT",
    r"comic ?studio": "ComicStudio",
    r"illust ?studio": "IllustStudio",
    r"procreate": "Procreate",
    r"krita": "Krita",
    r"(?:paint ?tool )?sai(?: ?2| ver\.?[ \d.]+)?": "PaintTool SAI",
    r"medibang(?: paint)?|jump paint": "MediBang Paint",
    r"fire ?alpaca": "FireAlpaca",
    r"ibis ?paint(?: ?x)?": "ibisPaint",
    r"open ?canvas": "openCanvas",
    r"aseprite": "Aseprite",
    r"my ?paint": "MyPaint",
    r"gimp": "GIMP",
    r"corel ?painter": "Corel Painter",
    r"corel ?draw": "CorelDRAW",
    r"paint ?shop ?pro": "PaintShop Pro",
    r"art ?rage": "ArtRage",
    r"rebelle": "Rebelle",
    r"sketchbook(?: pro)?": "Sketchbook",
    r"tayasui sketches": "Tayasui Sketches",
    r"adobe fresco": "Adobe Fresco",
    r"(?:adobe )?photoshop": "Adobe Photoshop",
    r"(?:adobe )?illustrator": "Adobe Illustrator",
    r"affinity (?:photo|designer)": "Affinity",
    r"pixelmator": "Pixelmator",
    r"inkscape": "Inkscape",
    r"paint\.net": "Paint.NET",
    r"azpainter": "AzPainter",
    r"pixia": "Pixia",
    r"mdiapp": "mdiapp",
    r"pixelorama|libresprite|pyxel ?edit|grafx2": "a pixel-art editor",
    r"live2d": "Live2D",
    r"blender": "Blender",
    r"heavypaint|infinite painter|concepts app|sumo ?paint|kleki|magma studio|drawpile": (
        "a painting program"
    ),
}
"""Patterns of programs in which people paint and draw."""

SIGNERS = {
    r"google": "Google AI",
    r"canva": "Canva Magic Media",
    r"volcengine|byteplus|bytedance": "Doubao / Seedream",
    r"adobe": "Adobe Firefly",
}
"""Patterns of organisations that sign what their generators make, to the generators."""

CAMERA_MAKERS = {
    r"canon": "Canon",
    r"nikon(?: corporation)?": "Nikon",
    r"sony(?: interactive)?": "Sony",
    r"fuji ?film|fuji photo film[\w., ]*": "Fujifilm",
    r"panasonic": "Panasonic",
    r"olympus[\w., ]*|om digital[\w., ]*": "Olympus",
    r"leica[\w., ]*": "Leica",
    r"hasselblad": "Hasselblad",
    r"phase one": "Phase One",
    r"(?:ricoh|pentax|asahi)[\w., ]*": "Ricoh / Pentax",
    r"sigma": "Sigma",
    r"casio[\w., ]*": "Casio",
    r"(?:eastman )?kodak[\w., ]*": "Kodak",
    r"(?:konica|minolta)[\w., ]*": "Konica Minolta",
    r"apple": "Apple",
    r"samsung[\w., ]*": "Samsung",
    r"google": "Google",
    r"huawei|honor": "Huawei",
    r"xiaomi|redmi|poco": "Xiaomi",
    r"oppo|oneplus|realme|vivo": "a phone maker",
    r"lge?(?: electronics)?|motorola|htc|nokia|asus|zte|sharp|kyocera": "a phone maker",
    r"gopro|dji|insta360": "an action camera or drone",
    r"epson|plustek|microtek|umax|hewlett[- ]packard|hp": "a scanner maker",
}
"""Patterns of the makers of cameras, phones and scanners, as EXIF's `Make` has them."""


class Names:
    """Finds the known name in a text.

    Args:
        table: Patterns to the names that they mean; the first that occurs counts.
        whole: The pattern must be the whole text, not only words of it.
    """

    def __init__(self, table: Mapping[str, str], *, whole: bool = False) -> None:
        frame = r"\A\s*(?:{})\s*\Z" if whole else r"(?<![^\W_])(?:{})(?![^\W_])"
        # Most texts hold no name: one search for all of them is the faster way to learn that.
        self._any = re.compile(frame.format("|".join(table)), re.IGNORECASE)
        self._each = [
            (re.compile(frame.format(pattern), re.IGNORECASE), name)
            for pattern, name in table.items()
        ]

    def find(self, text: str) -> str | None:
        """The name that stands in a text; only its first 200 characters are looked at."""
        text = text[:200]
        if not self._any.search(text):
            return None
        return next((name for pattern, name in self._each if pattern.search(text)), None)


GENERATOR_NAMES = Names(GENERATORS)
AI_EDITOR_NAMES = Names(AI_EDITORS)
SIGNER_NAMES = Names(SIGNERS)
PAINTING_NAMES = Names(PAINTING_PROGRAMS)
CAMERA_NAMES = Names(CAMERA_MAKERS, whole=True)
