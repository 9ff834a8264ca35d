namespace EventFiles.Features.Marks;

public abstract record TagCommand
{
    private TagCommand() { }

    public sealed record Create(TagId Tag, AccountId Owner, string Name) : TagCommand;

    public sealed record Rename(TagId Tag, AccountId Owner, string Name) : TagCommand;

    public sealed record Remove(TagId Tag) : TagCommand;
}
