namespace EventFiles.Features.Hold;

public abstract record HoldCommand
{
    private HoldCommand() { }

    /// <summary>Nothing of this is deleted for good from now on.</summary>
    public sealed record Place(HoldId Hold, HoldKind Kind, Guid Target, AccountId By, string Reason) : HoldCommand;

    /// <summary>This hold stands no more.</summary>
    public sealed record Lift(HoldId Hold, AccountId By, string Reason) : HoldCommand;
}
