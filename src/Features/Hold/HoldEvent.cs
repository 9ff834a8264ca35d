namespace EventFiles.Features.Hold;

/// <summary>
/// What must not be deleted of an owner's, and from when to when. Stored for ever: add cases, never change one. The owner
/// is the stream's tenant.
/// </summary>
public abstract record HoldEvent
{
    private HoldEvent() { }

    /// <summary>Nothing of this is deleted for good until it is lifted, whoever asks and whatever rule says so.</summary>
    /// <param name="Target">The id of the file, the folder or the account.</param>
    /// <param name="By">The auditor.</param>
    public sealed record Placed(HoldId Hold, HoldKind Kind, Guid Target, AccountId By, [Personal(Of = PersonalOf.Actor)] string Reason) : HoldEvent;

    /// <summary>It stands no more. What other holds cover stays as it is.</summary>
    /// <param name="By">The auditor.</param>
    public sealed record Lifted(HoldId Hold, AccountId By, [Personal(Of = PersonalOf.Actor)] string Reason) : HoldEvent;
}

/// <summary>What a hold covers.</summary>
public enum HoldKind
{
    /// <summary>One file with all its versions, wherever it is moved.</summary>
    File,

    /// <summary>Everything that is in a folder or below it, or comes there.</summary>
    Folder,

    /// <summary>All that an account owns, the trash included.</summary>
    Account,
}
