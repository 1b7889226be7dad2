"""The words of schema.org that a blog's pages use: types, what they inherit from, and their properties.

Names taken from schema.org, release 30.0 (vocabulary under CC BY-SA 3.0). Types that are not here are
not judged.
"""

_TYPES: dict[str, tuple[str, str]] = {
    "Action": (
        "Thing",
        (
            "actionProcess actionStatus agent endTime error instrument location object participant provider "
            "result startTime target"
        ),
    ),
    "Answer": (
        "Comment",
        "answerExplanation parentItem",
    ),
    "Article": (
        "CreativeWork",
        "articleBody articleSection backstory pageEnd pageStart pagination speakable wordCount",
    ),
    "Blog": (
        "CreativeWork",
        "blogPost blogPosts issn",
    ),
    "BlogPosting": (
        "SocialMediaPosting",
        "",
    ),
    "BreadcrumbList": (
        "ItemList",
        "",
    ),
    "Comment": (
        "CreativeWork",
        "downvoteCount parentItem sharedContent upvoteCount",
    ),
    "CreativeWork": (
        "Thing",
        (
            "about abstract accessMode accessModeSufficient accessibilityAPI accessibilityControl "
            "accessibilityFeature accessibilityHazard accessibilitySummary "
            "accountablePerson acquireLicensePage "
            "aggregateRating alternativeHeadline archivedAt assesses associatedMedia audience audio author "
            "award awards character citation comment commentCount conditionsOfAccess contentLocation "
            "contentRating contentReferenceTime contributor copyrightHolder copyrightNotice copyrightYear "
            "correction countryOfOrigin creativeWorkStatus creator creditText dateCreated dateModified "
            "datePublished digitalSourceType discussionUrl displayLocation "
            "editEIDR editor educationalAlignment "
            "educationalLevel educationalUse encoding encodingFormat "
            "encodings exampleOfWork expires fileFormat "
            "funder funding genre hasPart headline inLanguage interactionStatistic interactivityType "
            "interpretedAsClaim isAccessibleForFree isBasedOn isBasedOnUrl isFamilyFriendly isPartOf keywords "
            "learningResourceType license locationCreated mainEntity maintainer material materialExtent "
            "mentions offers pattern position producer provider publication publisher publisherImprint "
            "publishingPrinciples recordedAt releasedEvent review reviews schemaVersion sdDatePublished "
            "sdLicense sdPublisher size sourceOrganization spatial spatialCoverage sponsor teaches temporal "
            "temporalCoverage text thumbnail thumbnailUrl timeRequired translationOfWork translator "
            "typicalAgeRange usageInfo version video wordCount workExample workTranslation"
        ),
    ),
    "FAQPage": (
        "WebPage",
        "",
    ),
    "ImageObject": (
        "MediaObject",
        "caption embeddedTextCaption exifData representativeOfPage",
    ),
    "Intangible": (
        "Thing",
        "",
    ),
    "ItemList": (
        "Intangible",
        "aggregateElement itemListElement itemListOrder numberOfItems",
    ),
    "ListItem": (
        "Intangible",
        "item nextItem position previousItem",
    ),
    "MediaObject": (
        "CreativeWork",
        (
            "associatedArticle bitrate contentSize contentUrl duration embedUrl encodesCreativeWork "
            "encodingFormat endTime height ineligibleRegion interpretedAsClaim playerType productionCompany "
            "regionsAllowed requiresSubscription sha256 startTime uploadDate width"
        ),
    ),
    "NewsArticle": (
        "Article",
        "dateline printColumn printEdition printPage printSection",
    ),
    "Organization": (
        "Thing",
        (
            "acceptedPaymentMethod actionableFeedbackPolicy address agentInteractionStatistic aggregateRating "
            "alumni areaServed award awards brand companyRegistration contactPoint contactPoints "
            "correctionsPolicy department dissolutionDate diversityPolicy diversityStaffingReport duns email "
            "employee employees ethicsPolicy event events faxNumber founder founders foundingDate "
            "foundingLocation funder funding globalLocationNumber hasCertification hasCredential "
            "hasGS1DigitalLink hasMemberProgram hasMerchantReturnPolicy hasOfferCatalog hasPOS "
            "hasShippingService interactionStatistic isicV4 iso6523Code keywords knowsAbout knowsLanguage "
            "legalAddress legalName legalRepresentative leiCode location logo makesOffer member memberOf "
            "members naics nonprofitStatus numberOfEmployees ownershipFundingInfo owns parentOrganization "
            "publishingPrinciples review reviews seeks serviceArea skills slogan sponsor subOrganization taxID "
            "telephone unnamedSourcesPolicy vatID"
        ),
    ),
    "Person": (
        "Thing",
        (
            "additionalName address affiliation agentInteractionStatistic alumniOf award awards birthDate "
            "birthPlace brand callSign children colleague colleagues contactPoint contactPoints deathDate "
            "deathPlace duns email familyName faxNumber follows funder funding gender givenName "
            "globalLocationNumber hasCertification hasCredential hasOccupation hasOfferCatalog hasPOS height "
            "homeLocation honorificPrefix honorificSuffix interactionStatistic "
            "isicV4 jobTitle knows knowsAbout "
            "knowsLanguage lifeEvent makesOffer memberOf naics nationality netWorth owns parent parents "
            "performerIn pronouns publishingPrinciples relatedTo seeks sibling siblings skills sponsor spouse "
            "taxID telephone vatID weight workLocation worksFor"
        ),
    ),
    "Question": (
        "Comment",
        "acceptedAnswer answerCount eduQuestionType parentItem suggestedAnswer",
    ),
    "SearchAction": (
        "Action",
        "query",
    ),
    "SocialMediaPosting": (
        "Article",
        "sharedContent",
    ),
    "TechArticle": (
        "Article",
        "dependencies proficiencyLevel",
    ),
    "Thing": (
        "",
        (
            "additionalType alternateName description disambiguatingDescription identifier image "
            "mainEntityOfPage name owner potentialAction sameAs subjectOf url"
        ),
    ),
    "WebPage": (
        "CreativeWork",
        (
            "breadcrumb lastReviewed mainContentOfPage primaryImageOfPage relatedLink reviewedBy "
            "significantLink significantLinks speakable specialty"
        ),
    ),
    "WebSite": (
        "CreativeWork",
        "issn",
    ),
}
"""Parents and properties of each type, divided by blanks."""


def is_known(kind: str) -> bool:
    """Whether a type's properties are known here."""
    return kind in _TYPES


def is_a(kind: str, wanted: str) -> bool:
    """Whether a type is another or inherits from it."""
    return kind == wanted or any(
        is_a(each, wanted) for each in _TYPES.get(kind, ("", ""))[0].split()
    )


def properties_of(kind: str) -> frozenset[str]:
    """Every property of a type, inherited ones too."""
    parents, own = _TYPES.get(kind, ("", ""))
    found = frozenset(own.split())
    for each in parents.split():
        found |= properties_of(each)
    return found
