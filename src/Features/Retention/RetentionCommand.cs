namespace EventFiles.Features.Retention;

public abstract record RetentionCommand
{
    private RetentionCommand() { }

    /// <summary>Give a folder this rule.</summary>
    /// <param name="NextSweep">When what is due is looked for, if nothing is looked for before.</param>
    public sealed record SetRule(FolderId Folder, RetentionRule Rule, DateTimeOffset NextSweep) : RetentionCommand;

    public sealed record RemoveRule(FolderId Folder) : RetentionCommand;

    public sealed record RecordSweep(int Files, int Versions, int Kept, DateTimeOffset NextSweep) : RetentionCommand;
}
