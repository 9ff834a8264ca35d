namespace EventFiles.Features.Audit;

/// <summary>
/// What was refused, and what auditors took along. Stored for ever: add cases, never change one. No field is called file,
/// folder or account: a refusal may be about somebody else's, and what a person's events name so goes with the person.
/// </summary>
public abstract record AuditEvent
{
    private AuditEvent() { }

    /// <summary>A client's request was refused. Who asked, and in which trace, stands beside it as with every event.</summary>
    /// <param name="Request">Its kind.</param>
    /// <param name="Code">The refusal's.</param>
    /// <param name="OnFile">The file that it was about; null when it was about none, or did not say so.</param>
    /// <param name="OnFolder">The same of a folder.</param>
    /// <param name="OnAccount">The same of an account; of a sign-in the one whose address was given, if there is one.</param>
    /// <param name="Address">The network address that it came from.</param>
    public sealed record Refused(
        Guid Refusal, string Request, string Code, FileId? OnFile, FolderId? OnFolder, AccountId? OnAccount,
        [Personal(Of = PersonalOf.Actor)] string Address) : AuditEvent;

    /// <summary>The same was refused again, of the same to the same address.</summary>
    /// <param name="Times">How often, the first time not counted.</param>
    /// <param name="Until">The last time.</param>
    public sealed record RefusedAgain(Guid Refusal, int Times, DateTimeOffset Until) : AuditEvent;

    /// <summary>More was refused than is told of one by one.</summary>
    /// <param name="Times">How often.</param>
    public sealed record RefusedMore(Guid Refusal, int Times, DateTimeOffset From, DateTimeOffset Until) : AuditEvent;

    /// <summary>An auditor took a part of the log along.</summary>
    /// <param name="Format">ndjson or csv.</param>
    /// <param name="Asked">What was asked for, by ids and names of kinds: <c>file=0197… outcome=refused</c>.</param>
    public sealed record Exported(Guid Export, string Format, string Asked) : AuditEvent;
}
