using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Something that can be done with many files or folders at once. Each slice offers what it can do with one of them, by
/// the same rules as when it is asked alone; done again, it changes nothing.
/// </summary>
public interface IBulkAction
{
    BulkVerb Verb { get; }

    /// <summary>Whether it is done with folders; else with files.</summary>
    bool OfFolders { get; }

    Task<Answer<Done>> Do(Guid entry, BulkOrder order, CancellationToken cancel);
}

/// <summary>What is to be done.</summary>
[JsonConverter(typeof(BulkVerbJson))]
public enum BulkVerb
{
    /// <summary>Put it into another folder.</summary>
    Move,

    /// <summary>Make a copy of it in a folder.</summary>
    Copy,

    /// <summary>Put it into the trash.</summary>
    Trash,

    /// <summary>Take it out of the trash.</summary>
    Restore,

    /// <summary>Delete it for good.</summary>
    Delete,

    /// <summary>Make it a favourite.</summary>
    Favourite,

    /// <summary>Make it none any more.</summary>
    Unfavourite,

    /// <summary>Put a tag on it.</summary>
    Tag,

    /// <summary>Take a tag off it.</summary>
    Untag,
}

/// <summary>Who asks, and what the wish needs besides.</summary>
/// <param name="Folder">Where to, for what goes somewhere.</param>
/// <param name="Tag">Which, for what has to do with tags.</param>
public sealed record BulkOrder(Caller By, FolderId? Folder, TagId? Tag);

/// <summary>Verbs are words in JSON.</summary>
internal sealed class BulkVerbJson() : JsonStringEnumConverter<BulkVerb>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
