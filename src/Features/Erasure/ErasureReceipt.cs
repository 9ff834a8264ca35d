using System.Text.Json;
using System.Text.Json.Serialization;
using static EventFiles.Features.Erasure.ErasureEvent;

namespace EventFiles.Features.Erasure;

/// <summary>What can be shown of an erasure: what the log says of it, and nothing that is personal.</summary>
/// <param name="Format">Always <c>eventfiles-erasure-receipt-1</c>.</param>
/// <param name="Stage">A: nothing is left in the living system. B: old copies of the database do not open either.</param>
/// <param name="Erasure">Its id.</param>
/// <param name="Subject">The id of the account: a pseudonym, which leads to nobody any more.</param>
/// <param name="Ground">Why (GDPR, Article 17(1)).</param>
/// <param name="RequestedBy">subject or administrator.</param>
/// <param name="Content">What was there when it began and was deleted.</param>
/// <param name="Removed">How much was removed beside the log, by place.</param>
/// <param name="Key">The key that was destroyed; null when there never was one.</param>
/// <param name="Verified">Every place that was looked at afterwards. Each count is 0.</param>
/// <param name="Kept">What stays, why, and until when.</param>
/// <param name="RecipientsCount">To how many accounts files were open; their access has ended.</param>
/// <param name="Copies">What becomes of old copies.</param>
/// <param name="Steps">The events that say all this, in the order of the log.</param>
/// <param name="Says">What this proves, and what nobody can prove.</param>
public sealed record ErasureReceipt(
    string Format, string Stage, ErasureId Erasure, AccountId Subject, ErasureGround Ground, string RequestedBy,
    ErasedContent Content, IReadOnlyList<ErasedPlace> Removed, ErasedKey? Key, IReadOnlyList<ErasedPlace> Verified,
    IReadOnlyList<KeptPart> Kept, int RecipientsCount, ErasedCopies Copies, IReadOnlyList<ErasureStep> Steps, string Says)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public const string OurFormat = "eventfiles-erasure-receipt-1";

    private const string Copied =
        "What was claimed or searched in stands in copies of its files until they expire, and folders that backup made hold the person until they are made anew.";

    private static readonly IReadOnlyList<KeptPart> Stays =
    [
        new("events without personal values", "the record that others can check; commitments that nothing opens any more", "for ever"),
        new("this erasure's events and the destroyed key's id", "to show that it was done, and to do it again after a restore", "for ever"),
    ];

    /// <summary>What the events of an erasure prove; null while it has not come to its end.</summary>
    /// <param name="told">All of the person's stream.</param>
    public static ErasureReceipt? Of(ErasureId erasure, IReadOnlyList<RecordedEvent> told)
    {
        var steps = told.Where(one => IdOf((ErasureEvent)one.Fact) == erasure && one.Fact is not ReceiptIssued).ToList();
        if (Only<Requested>(steps) is not { } asked || Only<Begun>(steps) is not { } begun
            || Only<PersonalRemoved>(steps) is not { } removed || Only<Verified>(steps) is not { } verified)
            return null;
        var closed = Only<CopiesClosed>(steps);
        return new ErasureReceipt(
            OurFormat, closed is null ? "A" : "B", erasure, asked.Subject, asked.Ground,
            asked.By == asked.Subject ? "subject" : "administrator",
            new ErasedContent(begun.Files, begun.Folders, begun.Uploads), removed.Removed,
            removed is { Key: { } key, Era: { } era } ? new ErasedKey(key, era) : null, verified.Looked, Stays, begun.Recipients,
            new ErasedCopies(closed?.EraDestroyedAt, removed.Era is null
                ? $"Nothing was encrypted: copies of the database and of the objects from before stay open. {Copied}"
                : closed is null
                ? $"Private rows and contents in copies of the database from before open as long as the era's key is there. {Copied}"
                : $"The era's key is destroyed: private rows and contents in copies of the database from before do not open. {Copied}"),
            [.. steps.Select(one => new ErasureStep(one.Name, one.Id, one.Position, one.At))],
            "This shows that the destruction was asked for, done and looked after, and where. Nobody can prove that no copy exists elsewhere.");
    }

    /// <summary>As it is issued.</summary>
    public string ToText() => JsonSerializer.Serialize(this, Json);

    private static ErasureId IdOf(ErasureEvent fact) => fact switch
    {
        Requested one => one.Erasure,
        Cancelled one => one.Erasure,
        Begun one => one.Erasure,
        Held one => one.Erasure,
        ContentDeleted one => one.Erasure,
        PersonalRemoved one => one.Erasure,
        Verified one => one.Erasure,
        CopiesClosed one => one.Erasure,
        ReceiptIssued one => one.Erasure,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static TFact? Only<TFact>(List<RecordedEvent> steps) where TFact : class =>
        steps.Select(one => one.Fact).OfType<TFact>().FirstOrDefault();
}

/// <summary>What a person had.</summary>
/// <param name="Uploads">Transfers that were under way.</param>
public sealed record ErasedContent(int Files, int Folders, int Uploads);

/// <summary>A key that was destroyed.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Era">The era under whose key it was wrapped.</param>
public sealed record ErasedKey(Guid Id, Guid Era);

/// <summary>Something that stays.</summary>
public sealed record KeptPart(string What, string Why, string Until);

/// <summary>Old copies of the database.</summary>
/// <param name="ClosedAt">When the era's key was destroyed; null while it is there.</param>
public sealed record ErasedCopies(DateTimeOffset? ClosedAt, string Says);

/// <summary>An event of the log.</summary>
public sealed record ErasureStep(string Event, Guid Id, long Position, DateTimeOffset At);
