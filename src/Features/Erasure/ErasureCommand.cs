using System.Collections.Immutable;

namespace EventFiles.Features.Erasure;

public abstract record ErasureCommand
{
    private ErasureCommand() { }

    /// <summary>Erase this person, from then on.</summary>
    /// <param name="TokenDigest">Of the token that shows the receipt when nobody can sign in any more.</param>
    public sealed record Request(
        ErasureId Erasure, AccountId Subject, AccountId By, ErasureGround Ground, DateTimeOffset BeginsAt, DateTimeOffset Deadline,
        string TokenDigest) : ErasureCommand
    {
        /// <summary>This file of theirs alone; null for the person.</summary>
        public FileId? File { get; init; }
    }

    /// <summary>Leave it, while there is time.</summary>
    public sealed record Cancel(ErasureId Erasure, AccountId By) : ErasureCommand;

    /// <summary>Its time has come.</summary>
    public sealed record Begin(ErasureId Erasure, ErasureInventory Inventory, ErasureRecipients Recipients) : ErasureCommand;

    /// <summary>The same for a file.</summary>
    public sealed record BeginFile(ErasureId Erasure, FileId File, FileInventory Inventory, ErasureRecipients Recipients) : ErasureCommand;

    /// <summary>One of those whose access has ended was told, or cannot be.</summary>
    public sealed record RecordTold(ErasureId Erasure, Guid Recipient, bool IsReached) : ErasureCommand;

    /// <summary>What is left may not be deleted.</summary>
    public sealed record RecordHold(ErasureId Erasure, int Files) : ErasureCommand;

    /// <summary>No file and no folder is left.</summary>
    public sealed record RecordContent(ErasureId Erasure) : ErasureCommand;

    /// <summary>Nothing of the file is left but what is others' too.</summary>
    public sealed record RecordFile(ErasureId Erasure, FileRemains Remains) : ErasureCommand;

    /// <summary>Private rows and the key are gone.</summary>
    public sealed record RecordRemoval(ErasureId Erasure, ImmutableArray<PersonalTrace> Removed, DestroyedKey Key) : ErasureCommand;

    /// <summary>Every place was looked at, and nothing was there.</summary>
    public sealed record Verify(ErasureId Erasure, ImmutableArray<PersonalTrace> Looked) : ErasureCommand;

    /// <summary>Old copies of the database do not open any more.</summary>
    public sealed record CloseCopies(ErasureId Erasure, DateTimeOffset EraDestroyedAt) : ErasureCommand;

    /// <summary>What can be shown of it from now on.</summary>
    public sealed record Issue(ErasureId Erasure, string Stage, string Receipt) : ErasureCommand;
}

/// <summary>What a person had when the erasure began.</summary>
public sealed record ErasureInventory(int Files, int Folders, int Uploads);

/// <summary>What a file had when its erasure began.</summary>
/// <param name="Versions">How many it ever had.</param>
public sealed record FileInventory(int Versions);

/// <summary>Whose access ends with the erasure, as far as they are known: who opened a link is not.</summary>
/// <param name="Accounts">Those that could use a file, its owner excepted.</param>
/// <param name="Invited">What was offered to addresses that no account has taken up.</param>
public sealed record ErasureRecipients(ImmutableArray<AccountId> Accounts, ImmutableArray<OpenOffer> Invited)
{
    public static readonly ErasureRecipients None = new([], []);

    public static ErasureRecipients Of(IEnumerable<AccountId> accounts, IEnumerable<OpenOffer> invited) => new(
        [.. accounts.OrderBy(one => one.Value)], [.. invited.OrderBy(one => one.Share)]);
}
