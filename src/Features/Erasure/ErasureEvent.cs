using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Features.Erasure;

/// <summary>
/// How a person or one file was erased, step by step. Stored for ever: add cases, never change one. Nothing in it is personal:
/// it stays readable when all that was is gone. The person, or the file's owner, is the stream's tenant.
/// </summary>
public abstract record ErasureEvent
{
    private ErasureEvent() { }

    /// <summary>The person, or an administrator, asked for it.</summary>
    /// <param name="BeginsAt">Until then it can be cancelled.</param>
    /// <param name="Deadline">By when it should be done.</param>
    /// <param name="TokenDigest">SHA-256 (hex) of the token that shows the receipt.</param>
    public sealed record Requested(
        ErasureId Erasure, AccountId Subject, AccountId By, ErasureGround Ground, DateTimeOffset BeginsAt, DateTimeOffset Deadline,
        [Hidden] string TokenDigest) : ErasureEvent;

    /// <summary>A file's owner, or an administrator, asked for its erasure.</summary>
    /// <param name="BeginsAt">Until then it can be cancelled.</param>
    /// <param name="Deadline">By when it should be done.</param>
    /// <param name="TokenDigest">SHA-256 (hex) of the token that shows the receipt.</param>
    public sealed record FileRequested(
        ErasureId Erasure, FileId File, AccountId Owner, AccountId By, ErasureGround Ground, DateTimeOffset BeginsAt,
        DateTimeOffset Deadline, [Hidden] string TokenDigest) : ErasureEvent;

    /// <summary>It was left in time.</summary>
    public sealed record Cancelled(ErasureId Erasure, AccountId By) : ErasureEvent;

    /// <summary>The account is closed, with this in it. There is no way back from here.</summary>
    public sealed record Begun(ErasureId Erasure, int Files, int Folders, int Uploads, int Recipients) : ErasureEvent;

    /// <summary>The file's deletion is begun. There is no way back from here.</summary>
    /// <param name="Versions">How many it ever had.</param>
    /// <param name="Recipients">How many accounts it was shared with.</param>
    public sealed record FileBegun(ErasureId Erasure, int Versions, int Recipients) : ErasureEvent;

    /// <summary>Whose access ends with it, and is to be told so (GDPR, Article 19). Nothing is said where there is nobody.</summary>
    /// <param name="File">The file; null for a person.</param>
    /// <param name="Accounts">Those that could use what is erased.</param>
    /// <param name="Invited">What was offered to addresses and not taken up; the addresses stand where it was offered.</param>
    public sealed record RecipientsFound(
        ErasureId Erasure, FileId? File, ImmutableArray<AccountId> Accounts, ImmutableArray<OpenOffer> Invited) : ErasureEvent;

    /// <summary>One of them was told.</summary>
    /// <param name="Recipient">The account, or the share that was offered.</param>
    /// <param name="IsReached">Whether there was an address that somebody has proved, and its server took the mail.</param>
    public sealed record RecipientTold(ErasureId Erasure, Guid Recipient, bool IsReached) : ErasureEvent;

    /// <summary>A legal hold keeps what is left; it goes on when that is lifted.</summary>
    /// <param name="Files">How many files are kept. With none, the account itself is held.</param>
    public sealed record Held(ErasureId Erasure, int Files) : ErasureEvent;

    /// <summary>No file, folder or transfer is left, and all shares and links have ended.</summary>
    public sealed record ContentDeleted(ErasureId Erasure) : ErasureEvent;

    /// <summary>
    /// Nothing of the file is left in the object store, each object's key went with it, and its shares and links have ended.
    /// </summary>
    /// <param name="Originals">How many originals were removed.</param>
    /// <param name="Variants">How many variants.</param>
    /// <param name="Uploads">How many transfers that were to become versions.</param>
    /// <param name="Bytes">How many bytes all these had.</param>
    /// <param name="Shared">Originals that stay, because other files of the owner have the same content.</param>
    public sealed record FileDeleted(ErasureId Erasure, int Originals, int Variants, int Uploads, long Bytes, int Shared) : ErasureEvent;

    /// <summary>What events told of the person or the file is deleted, and the key destroyed under which it was sealed; of a file, that it stays away is noted.</summary>
    /// <param name="Removed">How much, by place.</param>
    /// <param name="Key">The key's id; null when the person never had one, and for a file.</param>
    /// <param name="Era">The era whose key opens it in old copies of the database, as long as that one is there.</param>
    public sealed record PersonalRemoved(ErasureId Erasure, ImmutableArray<ErasedPlace> Removed, Guid? Key, Guid? Era) : ErasureEvent;

    /// <summary>Views were built anew and every place looked at again: nothing was there.</summary>
    public sealed record Verified(ErasureId Erasure, ImmutableArray<ErasedPlace> Looked) : ErasureEvent;

    /// <summary>The era's key is destroyed: no copy of the database from before opens any more.</summary>
    public sealed record CopiesClosed(ErasureId Erasure, DateTimeOffset EraDestroyedAt) : ErasureEvent;

    /// <summary>What is shown of it. It stands in the log whole: who has proof of this event has proof of every word.</summary>
    /// <param name="Stage">A when nothing is left in the living system; B when old copies of the database do not open either.</param>
    /// <param name="Receipt">JSON, as it is handed out.</param>
    public sealed record ReceiptIssued(ErasureId Erasure, string Stage, string Receipt) : ErasureEvent;
}

/// <summary>A place, and how much was there.</summary>
/// <param name="Place">A word: <c>private-rows</c>, <c>objects</c>.</param>
/// <param name="Count">How much was removed, or found.</param>
/// <param name="Looked">How many things were looked at.</param>
public sealed record ErasedPlace(string Place, long Count, long Looked);

/// <summary>Why somebody or something is erased (GDPR, Article 17(1)).</summary>
[JsonConverter(typeof(ErasureGroundJson))]
public enum ErasureGround
{
    /// <summary>What was kept is not needed any more.</summary>
    NoLongerNeeded,

    /// <summary>The person takes back the consent.</summary>
    ConsentWithdrawn,

    /// <summary>The person objects.</summary>
    Objection,

    /// <summary>It should never have been kept.</summary>
    UnlawfulProcessing,

    /// <summary>A law demands it.</summary>
    LegalObligation,
}

/// <summary>Grounds are words in JSON, never numbers.</summary>
internal sealed class ErasureGroundJson() : JsonStringEnumConverter<ErasureGround>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
