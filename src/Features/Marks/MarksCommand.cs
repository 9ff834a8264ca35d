namespace EventFiles.Features.Marks;

public abstract record MarksCommand
{
    private MarksCommand() { }

    public sealed record Favour(Guid Entry, bool IsFolder) : MarksCommand;

    public sealed record Unfavour(Guid Entry) : MarksCommand;

    public sealed record Tag(Guid Entry, bool IsFolder, TagId With) : MarksCommand;

    public sealed record Untag(Guid Entry, TagId With) : MarksCommand;
}
