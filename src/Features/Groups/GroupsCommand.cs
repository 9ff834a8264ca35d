namespace EventFiles.Features.Groups;

public abstract record GroupsCommand
{
    private GroupsCommand() { }

    public sealed record Create(GroupId Group, string Name) : GroupsCommand;

    public sealed record Rename(string Name) : GroupsCommand;

    public sealed record Admit(AccountId Account, bool IsManager) : GroupsCommand;

    public sealed record Dismiss(AccountId Account) : GroupsCommand;

    /// <summary>Takes another group in.</summary>
    /// <param name="HoldsOthers">The inner group has groups of its own.</param>
    public sealed record Nest(GroupId Inner, bool HoldsOthers) : GroupsCommand;

    public sealed record Unnest(GroupId Inner) : GroupsCommand;

    public sealed record Remove : GroupsCommand;
}
