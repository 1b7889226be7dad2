"""English, as the composer knows it."""

import re

from app.generation.writers.composer.lexicon import Lexicon, either

_I = re.IGNORECASE

ENGLISH = Lexicon(
    boilerplate=re.compile(
        either(
            r"\b(?:we|this (?:web)?site) uses? cookies\b",
            r"\b(?:accept|manage|reject) (?:all )?cookies\b|\bcookie (?:policy|settings|"
            r"consent)\b",
            r"\bprivacy policy\b|\bterms (?:of (?:use|service)|and conditions)\b",
            r"\bsubscribe (?:to|now|for|today)\b|\bsign up (?:for|to|now|today)\b|\bnewsletter\b",
            r"\bclick (?:here|below|the (?:link|button|image))\b|\bread more\b|\blearn more\b",
            r"\bshare (?:this|on|via|with)\b.{0,40}\b(?:article|post|page|facebook|twitter|"
            r"linkedin|x|email)\b",
            r"\bfollow (?:us|me|him|her)\b|\blike and subscribe\b|\bleave a (?:comment|reply)\b",
            r"\ball rights reserved\b|©|\bcopyright (?:\(c\)|\d{4})",
            r"^(?:photo|image|picture|illustration|figure|fig\.|credit|source|"
            r"caption)s?\s*(?:\d+\s*)?[:.–-]",
            r"\b(?:photo|image) (?:by|credit|courtesy)\b|\bgetty images\b|\bshutterstock\b|"
            r"\bunsplash\b",
            r"^(?:by|written by|posted by|author:|published|updated|last (?:updated|modified|"
            r"edited)|posted on)\b.{0,80}$",
            r"^\d+\s*(?:min(?:ute)?s?|hours?|days?) (?:read|ago)\b|\bmin read\b",
            r"^(?:tags?|category|categories|filed under|topics?|related(?: (?:posts?|"
            r"articles?))?|next|previous)\s*:",
            r"^(?:home|menu|search|skip to (?:main )?content|back to top|log ?in|sign ?in|"
            r"register)(?:\s*[|/>»·].*)?$",
            r"\b(?:is|are|has been) an? .{0,60}\b(?:writer|journalist|blogger|editor|"
            r"columnist|freelancer)\b.{0,80}(?:\bcovers?|\bwrites?|\blives?|\bwho\b|based in|"
            r"$)",
            r"\b(?:lives|based) in .{2,40} with (?:his|her|their)\b",
            r"\b(?:advertisement|sponsored (?:content|post)|affiliate (?:links?|commission))\b",
            r"\benable javascript\b|\bjavascript (?:is )?(?:disabled|required)\b|"
            r"\byour browser\b.{0,40}\bsupport",
            r"\bcontact us\b|\bget in touch\b|\bbook a demo\b|\bfree trial\b|"
            r"\bstart(?:ing)? (?:your|for) free\b",
            r"\[(?:…|\.\.\.)\]|(?:…|\.\.\.)$",
            r"\b(?:did you (?:like|enjoy|find)|was this (?:article|page|post) helpful)\b",
        ),
        _I,
    ),
    boilerplate_heading=re.compile(
        either(
            r"related (?:posts?|articles?|stories|reading|content|links?|topics?)",
            r"(?:you (?:may|might) (?:also )?(?:like|enjoy)|more (?:from|stories|posts|"
            r"articles|in).*|recommended(?: (?:posts|articles|reading|for you))?|"
            r"popular (?:posts|articles)|trending.*|latest .*)",
            r"(?:leave a (?:comment|reply)|comments?(?: \(\d+\))?|\d+ comments?|replies|"
            r"discussion)",
            r"(?:share(?: this.*)?|subscribe.*|newsletter.*|follow us.*|sign up.*|"
            r"stay (?:in touch|updated).*|join .*)",
            r"(?:about (?:the )?authors?|author|about us|contact(?: us)?|"
            r"acknowledg(?:e)?ments?|credits?)",
            r"(?:table of contents|contents|on this page|in this (?:article|section|guide|"
            r"page)|navigation|menu|search|categories|tags|archives?)",
            r"(?:sources?|source\(s\)) and further reading|(?:references?|bibliography|"
            r"works cited|sources|citations|footnotes|"
            r"external links|further reading|see also|resources|links|notes and references)",
            r"(?:licen[cs]e|copyright|legal|disclaimer|privacy.*|cookies?.*|terms.*|"
            r"advertising.*|advertisements?.*|sponsor.*)",
            r"(?:change ?log|revision history|feedback|was this (?:page|article) helpful)",
        ),
        _I,
    ),
    about_the_text=re.compile(
        either(
            r"\b(?:in|throughout) (?:this|the (?:present|following|next|previous)) (?:article|"
            r"post|guide|tutorial|page|section|chapter|document|blog|series|part|video|"
            r"lesson)\b",
            r"^(?:this|the following|the next|the previous|"
            r"the present) (?:\w+ ){0,2}(?:article|post|guide|tutorial|page|section|chapter|"
            r"document|blog post|series|part|document|lesson)\b",
            r"\bwe(?:'ll| will| are going to|'re going to| have (?:seen|covered|learned|"
            r"looked)|'ve (?:seen|covered|learned|looked)) \b.{0,40}?(?:look|see|cover|"
            r"discuss|explore|learn|walk|show|explain|dive|talk|go (?:over|through)|examine|"
            r"introduce|seen|covered|learned|looked)",
            r"^(?:let's|let us|let me)\b|\b(?:stay tuned|keep reading|read on|happy coding|"
            r"thanks? (?:you )?for reading|without further ado)\b",
            r"^(?:welcome|hello|hi|hey)\b|^(?:to sum up|in summary|to summari[sz]e|"
            r"in conclusion|to conclude|to recap|tl;?dr)\b",
            # What is said to a machine that reads the source is no fact about anything.
            r"^(?:please )?(?:ignore|disregard|forget) (?:all |any )?(?:of )?(?:the |your )?"
            r"(?:previous|prior|above|earlier|preceding) (?:instructions?|prompts?|text|rules)\b",
            r"\bthis (?:file|document|page|article|guide|post|tutorial|repository|readme|"
            r"blog)\b|^the (?:article|post|guide|document)\b",
            r"\b(?:hope|hopefully) (?:you|this)\b|\bif you(?:'ve| have) (?:made it|read|"
            r"been following)\b",
        ),
        _I,
    ),
    first_person=re.compile(r"\b(?:I|I'm|I've|I'll|I'd)\b|\b(?i:my|mine|me|myself)\b"),
    question=re.compile(r"\?[\"'”’)\]]*\s*$"),
    needs_previous=re.compile(
        either(
            r"[^,.:]{1,50}, (?:by contrast|in contrast|however|on the other hand|meanwhile|in turn|"
            r"for example|for instance|therefore|too|instead|likewise),",
            r"(?:where )?the two(?: (?:differ|are|can|have|do|were|share|work|must|"
            r"will))?\b(?! [a-z]+s\b)",
            r"(?:this|that|these|those|it|its|they|their|them|he|she|his|her|such|both|"
            r"neither|either|here|there(?:in|by)|another|others?|each|all of (?:these|them|"
            r"this)|one|some)\b",
            r"(?:the (?:former|latter|same|above|below|other|others|second|third|last|first|"
            r"result|results|reason|rest|difference|answer|idea|trick|problem|solution|"
            r"exception)\b)",
            r"(?:in|for|with|under|by|from|after|before|at|on|because of|due to|despite|given|"
            r"unlike|like|without|beyond|of|as) (?:this|that|these|those|such|it|them|both|"
            r"either|all of (?:these|this)|doing so|the same)\b",
            r"(?:doing so|if so|if not|otherwise|instead|conversely|similarly|likewise|"
            r"in contrast|by contrast|on the other hand|in other words|that is|for (?:example|"
            r"instance|this reason|that reason)|as (?:a result|such|well|an alternative|"
            r"before)|then|next|alternatively|meanwhile|again|again,|hence|thus|accordingly|"
            r"consequently|equally|rather|even so|still|to (?:do (?:this|that|so)|fix|solve|"
            r"avoid|prevent|achieve) (?:this|that|it|these|them)|or|so (?!far\b|long as|"
            r"called|many|much)|once (?:this|that|it|they)|when (?:this|that|it|they)|"
            r"if (?:this|that|it|they|either|neither|both)|while (?:this|that|it|they)|"
            r"whereas|which|who)\b",
        ),
        _I,
    ),
    stands_alone=re.compile(
        either(
            r"it (?:is|was|can be|may be|might be|'s) (?:\w+ly )?(?:important|possible|worth|"
            r"best|common|necessary|recommended|essential|useful|easy|easier|hard|harder|safe|"
            r"safer|better|cheaper|tempting|crucial|vital|advisable|wise|impossible|likely|"
            r"good practice)\b.*?\b(?:to|that|for)\b",
            r"one (?:of the|way|common|option|approach|advantage|thing)\b",
            r"(?:some|each|all) (?!of (?:them|these|those)\b)(?:\w+ )",
            r"(?:others?|another) (?:of the)\b",
            r"there (?:is|are|was|were)\b",
            r"those who\b|such as\b|like (?:any|every|most|many)\b",
        ),
        _I,
    ),
    refers_away=re.compile(
        either(
            r"\b(?:as|we)(?:'ve| have)? (?:shown|seen|mentioned|described|noted|discussed|"
            r"explained|said|stated|saw|outlined|illustrated) (?:above|earlier|before|"
            r"previously|in (?:the )?(?:previous|last|first|figure|table|chapter|section|"
            r"part))",
            r"\b(?:above|previous|preceding|earlier|last) (?:example|section|chapter|figure|"
            r"table|diagram|code|snippet|listing|step|command|image|screenshot|paragraph|post|"
            r"article)\b",
            r"\b(?:figure|fig\.|table|listing|chapter|section|appendix|equation|exhibit) \d+",
            r"\b(?:mentioned|described|discussed|shown|listed|explained) (?:above|earlier|"
            r"below|later)\b",
            r"\b(?:see|cf\.) (?:above|below|also|the (?:next|previous|section|chapter|figure|"
            r"table|diagram|link|appendix))\b",
            r"\b(?:section|chapter|figure|diagram|image|screenshot|picture|photo|video|link|"
            r"part) (?:above|below)\b",
            r"\b(?:next|later|following) (?:section|chapter|part|article|post)s?\b",
        ),
        _I,
    ),
    announces=re.compile(
        either(
            r":\s*$",
            r"\b(?:as follows|the following|(?:shown|listed|given|described|example|commands?|"
            r"code|configuration|steps?|table|list|snippet|like the one) below|"
            r"looks like this|like so)\b[^.]{0,40}[.:]?\s*$",
            r"^(?:here (?:is|are)|here's|below (?:is|are)|the following)\b",
        ),
        _I,
    ),
    whole_sentence=re.compile(r"[.!?][\"'”’)\]]*(?:\s*\[\d+\])*\s*$"),
    connectives=(
        "In addition to that,",
        "On top of that,",
        "As a consequence,",
        "Having said that,",
        "That said,",
        "In addition,",
        "In particular,",
        "In practice,",
        "In general,",
        "In fact,",
        "In short,",
        "First of all,",
        "Last but not least,",
        "At the same time,",
        "Of course,",
        "Furthermore,",
        "Additionally,",
        "Nevertheless,",
        "Nonetheless,",
        "Moreover,",
        "However,",
        "Therefore,",
        "Besides,",
        "Finally,",
        "Lastly,",
        "Secondly,",
        "Thirdly,",
        "Firstly,",
        "Second,",
        "Third,",
        "First,",
        "Indeed,",
        "Also,",
        "Thus,",
        "Hence,",
        "Yet,",
        "Plus,",
        "Now,",
        "Also",
        "But",
        "And",
        "So,",
    ),
    opening_headings=frozenset(
        {
            "overview",
            "introduction",
            "intro",
            "summary",
            "abstract",
            "at a glance",
            "in brief",
            "key takeaways",
            "tl;dr",
            "tldr",
            "background",
            "about",
            "the basics",
            "basics",
            "getting started",
            "preface",
            "motivation",
            "executive summary",
            "general",
        }
    ),
    closing_headings=frozenset(
        {
            "conclusion",
            "conclusions",
            "final thoughts",
            "closing thoughts",
            "wrapping up",
            "wrap-up",
            "wrap up",
            "recap",
            "in conclusion",
            "final words",
            "takeaways",
            "the bottom line",
            "bottom line",
            "closing",
            "in summary",
        }
    ),
    vague_headings=frozenset(
        {
            "example",
            "examples",
            "note",
            "notes",
            "details",
            "usage",
            "use cases",
            "configuration",
            "settings",
            "setup",
            "requirements",
            "prerequisites",
            "steps",
            "benefits",
            "advantages",
            "disadvantages",
            "pros",
            "cons",
            "pros and cons",
            "limitations",
            "tips",
            "how it works",
            "other",
            "misc",
            "more",
            "results",
            "options",
            "types",
            "why it matters",
            "best practices",
            "common mistakes",
            "faq",
        }
    ),
    definition_tail=re.compile(
        r"s?(?:\s*\([^)]{1,60}\))?(?:\s*,[^,.]{1,60},)?\s+(?:is|are|means|refers to|describes|"
        r"denotes|stands for)\b",
        _I,
    ),
    links={
        "list": ("The main points are these:",),
        "table": ("At a glance:",),
        "code": ("In code:",),
        "configuration": ("As configuration:",),
        "command": ("On the command line:",),
    },
    qualified={
        "benefits": "Benefits of {keyphrase}",
        "advantages": "Advantages of {keyphrase}",
        "disadvantages": "Disadvantages of {keyphrase}",
        "pros and cons": "Pros and cons of {keyphrase}",
        "limitations": "Limitations of {keyphrase}",
        "example": "An example of {keyphrase}",
        "examples": "Examples of {keyphrase}",
        "types": "Types of {keyphrase}",
        "best practices": "Best practices for {keyphrase}",
        "common mistakes": "Common mistakes with {keyphrase}",
        "requirements": "Requirements for {keyphrase}",
        "prerequisites": "Prerequisites for {keyphrase}",
        "how it works": "How {keyphrase} works",
        "why it matters": "Why {keyphrase} matters",
        "tips": "Tips for {keyphrase}",
        "use cases": "Use cases of {keyphrase}",
    },
    tied=("{heading} for {keyphrase}", "{heading} for {keyphrase}"),
    overview="{keyphrase} at a glance",
    closing="The bottom line on {keyphrase}",
    more="More on {keyphrase}",
    faq="Frequently asked questions",
    covers="Covers {headings}.",
)
