namespace EventFiles.Features.Audit;

/// <summary>What is to be written down.</summary>
public abstract record AuditCommand
{
    private AuditCommand() { }

    public sealed record Refuse(
        Guid Refusal, string Request, string Code, FileId? OnFile, FolderId? OnFolder, AccountId? OnAccount, string Address) : AuditCommand;

    public sealed record RefuseAgain(Guid Refusal, int Times, DateTimeOffset Until) : AuditCommand;

    public sealed record RefuseMore(Guid Refusal, int Times, DateTimeOffset From, DateTimeOffset Until) : AuditCommand;

    public sealed record Export(Guid Id, string Format, string Asked) : AuditCommand;
}
