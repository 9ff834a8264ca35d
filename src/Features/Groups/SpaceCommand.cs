namespace EventFiles.Features.Groups;

public abstract record SpaceCommand
{
    private SpaceCommand() { }

    public sealed record Open(GroupId Group, string Name) : SpaceCommand;

    public sealed record Rename(string Name) : SpaceCommand;

    public sealed record Close : SpaceCommand;
}
