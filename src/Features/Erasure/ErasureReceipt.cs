using System.Text.Json;
using System.Text.Json.Serialization;
using static EventFiles.Features.Erasure.ErasureEvent;

namespace EventFiles.Features.Erasure;

/// <summary>What can be shown of an erasure: what the log says of it, and nothing that is personal.</summary>
/// <param name="Format">Always <c>eventfiles-erasure-receipt-1</c>.</param>
/// <param name="Stage">held: a legal hold keeps something, and the rest waits. A: nothing is left in the living system. B: old copies of the database do not open either.</param>
/// <param name="Erasure">Its id.</param>
/// <param name="Subject">The id of the account: a pseudonym, which leads to nobody any more. Of a file, its owner's.</param>
/// <param name="File">The file; null when a person was erased.</param>
/// <param name="Ground">Why (GDPR, Article 17(1)).</param>
/// <param name="RequestedBy">subject, owner (of the file), administrator, or journal: a restored log was told what had been erased before.</param>
/// <param name="Content">What a person had when it began, which was deleted; null for a file.</param>
/// <param name="FileContent">What was deleted of a file; null for a person.</param>
/// <param name="Removed">How much was removed beside the log, by place (of <c>sealed-rows-tried</c>: how many sealed rows were tried with all keys that there are, in vain), in the pass that is told of; a pass that was killed, or was one of two, may have removed some before.</param>
/// <param name="Key">The key that was destroyed; null when there never was one, and for a file, whose objects each had their own.</param>
/// <param name="Verified">Every place that was looked at afterwards. Each count is 0.</param>
/// <param name="Kept">What stays, why, and until when.</param>
/// <param name="RecipientsCount">To how many accounts files were open; their access has ended.</param>
/// <param name="Recipients">Who of them, and of those who were invited, was told so; null when there was nobody to tell.</param>
/// <param name="Copies">What becomes of old copies.</param>
/// <param name="Steps">The events that say all this, in the order of the log; those of single recipients are counted alone.</param>
/// <param name="Says">What this proves, and what nobody can prove.</param>
public sealed record ErasureReceipt(
    string Format, string Stage, ErasureId Erasure, AccountId Subject, FileId? File, ErasureGround Ground, string RequestedBy,
    ErasedContent? Content, ErasedFile? FileContent, IReadOnlyList<ErasedPlace> Removed, ErasedKey? Key, IReadOnlyList<ErasedPlace> Verified,
    IReadOnlyList<KeptPart> Kept, int RecipientsCount, ErasedRecipients? Recipients, ErasedCopies Copies, IReadOnlyList<ErasureStep> Steps, string Says)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The stage of what is told while a hold keeps something.</summary>
    public const string Held = "held";

    public const string OurFormat = "eventfiles-erasure-receipt-1";

    private const string Copied =
        "What was claimed or searched in stands in copies of its files until they expire, and folders that backup made hold the person until they are made anew.";

    private const string CopiedFile =
        "What was claimed or searched in stands in copies of its files until they expire, and folders that backup made hold the file until they are made anew; a restore from them leaves it out.";

    private const string Shows =
        "This shows that the destruction was asked for, done and looked after, and where. Nobody can prove that no copy exists elsewhere.";

    private static readonly IReadOnlyList<KeptPart> Stays =
    [
        new("events without personal values", "the record that others can check; commitments that nothing opens any more", "for ever"),
        new("files and folders that were handed over to others, if there were any", "the others accepted them: contents, names and labels are theirs, under their keys", "until they are deleted, or the others erased"),
        new("this erasure's events and the destroyed key's id", "to show that it was done, and to do it again after a restore", "for ever"),
    ];

    private static readonly IReadOnlyList<KeptPart> StaysOfFile =
    [
        new("events of the file without personal values", "the record that others can check; commitments that nothing opens any more", "for ever"),
        new("the file's id in the record, in folders' histories and among marks", "an id tells nothing of what the file was", "for ever"),
        new("the owner's key", "the owner's other files and values are sealed under it; so with everybody who owned it before", "until the owner is erased"),
        new("sealed answers to requests that bore a key", "so that a repeated request has no second effect", "for a day after each"),
        new("the reasons of legal holds", "they belong to the case", "until who wrote them or the owner is erased"),
        new("this erasure's events and the file's id in the journal", "to show that it was done, and to do it again after a restore", "for ever"),
    ];

    private const string Waits =
        "This shows that the destruction was asked for and waits for the end of a legal hold. What no hold keeps has been deleted; what is told of the person or the file beside it stays until then, as it belongs to what is held.";

    private static readonly KeptPart Elsewhere = new(
        "bytes that other files of the same owner, or of who owned it before, have too", "those files are not erased: the same content can be read in them", "until they are deleted");

    /// <summary>What the events of an erasure prove; null while it has not come to its end.</summary>
    /// <param name="told">All of the person's or the file's stream.</param>
    /// <param name="eraEndsAt">By when the era's key is to be destroyed that opens old copies; null where an operator decides that.</param>
    public static ErasureReceipt? Of(ErasureId erasure, IReadOnlyList<RecordedEvent> told, DateTimeOffset? eraEndsAt = null)
    {
        var all = told.Where(one => IdOf((ErasureEvent)one.Fact) == erasure && one.Fact is not ReceiptIssued).ToList();
        var (steps, recipients) = (all.FindAll(one => one.Fact is not RecipientTold), Informed(all));
        if (steps is [.., { Fact: ErasureEvent.Held held }])
            return While(held, steps, recipients);
        if (Only<PersonalRemoved>(steps) is not { } removed || Only<Verified>(steps) is not { } verified)
            return null;
        var closed = Only<CopiesClosed>(steps);
        return (Only<Requested>(steps), Only<FileRequested>(steps)) switch
        {
            ({ } person, _) => OfPerson(person, Only<Begun>(steps)!, removed, verified, closed, eraEndsAt, steps, recipients),
            (_, { } file) => OfFile(file, Only<FileBegun>(steps)!, Only<FileDeleted>(steps)!, removed, verified, closed, eraEndsAt, steps, recipients),
            _ => null,
        };
    }

    // What a hold keeps, and why nothing else is told yet.
    private static ErasureReceipt While(ErasureEvent.Held held, List<RecordedEvent> steps, ErasedRecipients? recipients)
    {
        var (person, file, begun) = (Only<Requested>(steps), Only<FileRequested>(steps), Only<Begun>(steps));
        var what = new ErasureSubject(person?.Subject ?? file!.Owner, file?.File);
        return new ErasureReceipt(
            OurFormat, Held, held.Erasure, what.Owner, what.File, person?.Ground ?? file!.Ground,
            ErasureEntry.Asker(what, person?.By ?? file!.By),
            begun is null ? null : new ErasedContent(begun.Files, begun.Folders, begun.Uploads), null, [], null, [],
            [
                new(
                    what.File is not null ? "the file"
                    : held.Files == 0 ? "the account and what is told of it"
                    : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"files: {held.Files}"),
                    "a legal hold (GDPR, Article 17(3))", "until it is lifted"),
                new("what is told of them in the record, and the key that opens it", "it belongs to what is held", "until the hold is lifted"),
            ],
            begun?.Recipients ?? Only<FileBegun>(steps)?.Recipients ?? 0, recipients, new ErasedCopies(null, "Nothing is said of copies before all is deleted here."), Told(steps),
            Waits);
    }

    /// <summary>As it is issued.</summary>
    public string ToText() => JsonSerializer.Serialize(this, Json);

    private static ErasureReceipt OfPerson(
        Requested asked, Begun begun, PersonalRemoved removed, Verified verified, CopiesClosed? closed, DateTimeOffset? ends,
        List<RecordedEvent> steps, ErasedRecipients? recipients)
    {
        return new ErasureReceipt(
            OurFormat, closed is null ? "A" : "B", asked.Erasure, asked.Subject, null, asked.Ground,
            ErasureEntry.Asker(new(asked.Subject), asked.By),
            new ErasedContent(begun.Files, begun.Folders, begun.Uploads), null, removed.Removed,
            removed is { Key: { } key, Era: { } era } ? new ErasedKey(key, era) : null, verified.Looked, Stays, begun.Recipients, recipients,
            new ErasedCopies(closed?.EraDestroyedAt, removed.Era is null
                ? $"Nothing was encrypted: copies of the database and of the objects from before stay open. {Copied}"
                : closed is null
                ? $"Private rows and contents in copies of the database from before open as long as the era's key is there. {Copied}"
                : $"The era's key is destroyed: private rows and contents in copies of the database from before do not open. {Copied}", closed is null ? ends : null),
            Told(steps), Shows);
    }

    // One key seals all that is an owner's, so only the end of that one closes a copy to who has today's keys as well.
    private static ErasureReceipt OfFile(
        FileRequested asked, FileBegun begun, FileDeleted deleted, PersonalRemoved removed, Verified verified, CopiesClosed? closed,
        DateTimeOffset? ends, List<RecordedEvent> steps, ErasedRecipients? recipients) => new(
            OurFormat, closed is null ? "A" : "B", asked.Erasure, asked.Owner, asked.File, asked.Ground,
            ErasureEntry.Asker(new(asked.Owner, asked.File), asked.By), null,
            new ErasedFile(begun.Versions, deleted.Originals, deleted.Variants, deleted.Uploads, deleted.Bytes, deleted.Shared),
            removed.Removed, null, verified.Looked, deleted.Shared > 0 ? [Elsewhere, .. StaysOfFile] : StaysOfFile, begun.Recipients, recipients,
            new ErasedCopies(closed?.EraDestroyedAt, removed.Era is null
                ? $"Nothing was encrypted: copies of the database and of the objects from before stay open. {CopiedFile}"
                : closed is null
                ? $"Each object had a key of its own, which went with it. In copies of the database and of the objects from before the file opens as long as the era's key is there. {CopiedFile}"
                : $"The era's key is destroyed: copies of the database from before open nothing by themselves. Who has one, or copies of the objects, and the server's present keys as well opens the file in them until the owner, and whoever owned it before, is erased too. {CopiedFile}", closed is null ? ends : null),
            Told(steps), Shows);

    private static ErasedRecipients? Informed(List<RecordedEvent> all) => Only<RecipientsFound>(all) is { } found
        ? new ErasedRecipients(
            found.Accounts.Length, found.Invited.Length, all.Count(one => one.Fact is RecipientTold { IsReached: true }),
            "Told by mail that what was shared with them was erased, and neither whose nor what it was. Others had no proved address, or no mail is sent here. Who opened a link is not known.")
        : null;

    private static List<ErasureStep> Told(List<RecordedEvent> steps) =>
        [.. steps.Select(one => new ErasureStep(one.Name, one.Id, one.Position, one.At))];

    private static ErasureId IdOf(ErasureEvent fact) => fact switch
    {
        Requested one => one.Erasure,
        FileRequested one => one.Erasure,
        FileBegun one => one.Erasure,
        FileDeleted one => one.Erasure,
        Cancelled one => one.Erasure,
        Begun one => one.Erasure,
        RecipientsFound one => one.Erasure,
        RecipientTold one => one.Erasure,
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

/// <summary>What was deleted of a file.</summary>
/// <param name="Versions">How many it ever had.</param>
/// <param name="Originals">Originals that were removed.</param>
/// <param name="Variants">Variants that were.</param>
/// <param name="Uploads">Transfers that were to become versions.</param>
/// <param name="Bytes">How many bytes all these had.</param>
/// <param name="Shared">Originals that stay, because other files of the owner, or of who owned it before, have the same content.</param>
public sealed record ErasedFile(int Versions, int Originals, int Variants, int Uploads, long Bytes, int Shared);

/// <summary>A key that was destroyed.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Era">The era under whose key it was wrapped.</param>
public sealed record ErasedKey(Guid Id, Guid Era);

/// <summary>Those whose access ended.</summary>
/// <param name="Accounts">How many accounts.</param>
/// <param name="Invited">How many addresses without one.</param>
/// <param name="Told">How many of both were told by then.</param>
public sealed record ErasedRecipients(int Accounts, int Invited, int Told, string Says);

/// <summary>Something that stays.</summary>
public sealed record KeptPart(string What, string Why, string Until);

/// <summary>Old copies of the database.</summary>
/// <param name="ClosedAt">When the era's key was destroyed; null while it is there.</param>
/// <param name="ClosesBy">By when it is to be, as things were set when this was issued; null when it was, and where an operator decides that.</param>
public sealed record ErasedCopies(DateTimeOffset? ClosedAt, string Says, DateTimeOffset? ClosesBy = null);

/// <summary>An event of the log.</summary>
public sealed record ErasureStep(string Event, Guid Id, long Position, DateTimeOffset At);
