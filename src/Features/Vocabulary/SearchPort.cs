using System.Collections.Immutable;

namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Finds files by what they are called and what is in them. It follows from the views of the Search slice and from the texts
/// that it is given; another engine may take its place.
/// </summary>
public interface ISearchIndex
{
    /// <summary>
    /// What seems to fit and to be readable, the best first. Among very many that fit (thousands) some are looked at. Who
    /// asks looks whether each may be read indeed.
    /// </summary>
    /// <param name="after">The last hit of a former page; null for the beginning.</param>
    Task<IReadOnlyList<SearchHit>> Find(SearchQuery query, SearchHit? after, int limit, CancellationToken cancel);

    /// <summary>Keeps a version's text, unless the file is gone or has a newer one.</summary>
    Task KeepText(AccountId owner, FileId file, int version, string text, CancellationToken cancel);

    /// <summary>Whether this version's text is kept, and so searched in.</summary>
    Task<bool> HasText(FileId file, int version, CancellationToken cancel);

    /// <summary>The beginning of a file's text; null when none is kept of its current version.</summary>
    Task<string?> TextOf(FileId file, CancellationToken cancel);

    /// <summary>Files whose text was made and is not kept.</summary>
    Task<IReadOnlyList<MissingText>> Missing(int limit, CancellationToken cancel);

    /// <summary>Whether words have endings that count for nothing, so that others than those asked for may have been found.</summary>
    bool IsStemming { get; }
}

/// <summary>A file, and how well it fits.</summary>
public sealed record SearchHit(FileId File, float Rank);

/// <summary>A text that is to be read.</summary>
public sealed record MissingText(AccountId Owner, FileId File, int Version, ObjectKey StoredAs);

/// <summary>What somebody looks for.</summary>
/// <param name="Reader">Who asks.</param>
/// <param name="Groups">The groups that have the reader: what is shared with one is found, too.</param>
/// <param name="Terms">All must fit.</param>
/// <param name="Tags">The reader's tags of which one is as good as all terms.</param>
public sealed record SearchQuery(AccountId Reader, IReadOnlyList<GroupId> Groups, IReadOnlyList<SearchTerm> Terms, IReadOnlyList<TagId> Tags)
{
    /// <summary>A media type, or the part before the slash.</summary>
    public string? Type { get; init; }

    public long? MinBytes { get; init; }

    public long? MaxBytes { get; init; }

    /// <summary>Of the current version.</summary>
    public DateTimeOffset? ModifiedFrom { get; init; }

    /// <summary>Of the current version; this moment is not in it.</summary>
    public DateTimeOffset? ModifiedBefore { get; init; }

    /// <summary>One of these; null for any.</summary>
    public IReadOnlyList<FolderId>? Folders { get; init; }

    public AccountId? Owner { get; init; }

    /// <summary>It bears this one.</summary>
    public TagId? Tag { get; init; }

    /// <summary>What is in the reader's own trash, and nothing else.</summary>
    public bool IsTrashed { get; init; }
}

/// <summary>A word or a phrase. Its words are folded, and letters and digits only.</summary>
/// <param name="Words">One after the other.</param>
/// <param name="IsPrefix">The last word may go on.</param>
/// <param name="IsExcluded">What has it does not fit.</param>
public sealed record SearchTerm(IReadOnlyList<string> Words, bool IsPrefix, bool IsExcluded);

/// <summary>A file as it is found.</summary>
/// <param name="SizeBytes">Of the current version.</param>
/// <param name="ModifiedAt">When the current version was complete.</param>
/// <param name="Grantees">Accounts and groups with whom it is shared; that a grant has ended by its time is for the rules to say.</param>
/// <param name="Tags">Of everybody who put one on it.</param>
/// <param name="Texts">What was extracted, by version, from the current one on.</param>
public sealed record SearchView(
    FileId File, AccountId Owner, string Name, FolderId Folder, string ContentType, long SizeBytes, DateTimeOffset ModifiedAt,
    int Version, bool IsTrashed, ImmutableArray<Guid> Grantees, ImmutableArray<TagId> Tags, ImmutableSortedDictionary<int, ObjectKey> Texts)
{
    /// <summary>The projection that makes these views.</summary>
    public const string Projection = "search";

    /// <summary>What processors call the text that they extract.</summary>
    public const string TextVariant = "text";

    /// <summary>Whether a file of this type is its own text: no processor need extract it.</summary>
    public static bool IsItsOwnText(string contentType)
    {
        ArgumentNullException.ThrowIfNull(contentType);
        return contentType.StartsWith("text/", StringComparison.Ordinal) || contentType is "application/json";
    }

    /// <summary>Where the current version's text is; null when there is none.</summary>
    public ObjectKey? CurrentText() => Texts.TryGetValue(Version, out var stored) ? stored : null;
}

/// <summary>A folder as what is in it is found.</summary>
/// <param name="Parent">The folder that it is in; a root is in no view.</param>
/// <param name="Grantees">Accounts and groups that were given the folder; what it lets them do, and whether it has ended by its time, the rules say.</param>
public sealed record SearchFolderView(FolderId Parent, ImmutableArray<Guid> Grantees)
{
    /// <summary>The projection that makes these views.</summary>
    public const string Projection = "search-folders";
}
