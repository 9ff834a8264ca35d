using System.Diagnostics;
using static EventFiles.Features.Audit.AuditCommand;
using static EventFiles.Features.Audit.AuditEvent;

namespace EventFiles.Features.Audit;

/// <summary>What is written down already.</summary>
/// <param name="IsTold">The first of it.</param>
/// <param name="IsCounted">How often it happened again; nothing follows.</param>
public sealed record AuditState(bool IsTold, bool IsCounted);

public static class AuditDecider
{
    public static readonly Decider<AuditCommand, AuditState, AuditEvent> Decider = new(new AuditState(false, false), Evolve, Decide);

    /// <summary>The stream of one refusal: it is found by what it was about, else by whose it was.</summary>
    /// <param name="whose">Under whose key the address is sealed.</param>
    public static StreamId StreamOf(Guid refusal, RequestTarget about, AccountId whose) =>
        new($"{StreamsAbout(about.File?.Value ?? about.Folder?.Value ?? about.Account?.Value ?? whose.Value)}-{refusal}", whose);

    /// <summary>What the names of the streams begin with in which refusals about a file, folder or account stand.</summary>
    public static string StreamsAbout(Guid target) => $"refused-{target}";

    public static StreamId StreamOfExport(Guid export, AccountId auditor) => new($"export-{export}", auditor);

    // Read from the top: the first row that matches is the rule.
    private static Decision<AuditEvent> Decide(AuditState told, AuditCommand ask, DateTimeOffset now) => ask switch
    {
        Refuse or AuditCommand.Export when told.IsTold => Decision<AuditEvent>.AlreadySo,
        RefuseAgain or RefuseMore when told.IsCounted => Decision<AuditEvent>.AlreadySo,
        Refuse no => new Refused(no.Refusal, no.Request, no.Code, no.OnFile, no.OnFolder, no.OnAccount, no.Address),
        RefuseAgain again => new RefusedAgain(again.Refusal, again.Times, again.Until),
        RefuseMore more => new RefusedMore(more.Refusal, more.Times, more.From, more.Until),
        AuditCommand.Export export => new Exported(export.Id, export.Format, export.Asked),
        _ => throw new UnreachableException(),
    };

    private static AuditState Evolve(AuditState told, AuditEvent happened) => happened switch
    {
        Refused or Exported => told with { IsTold = true },
        RefusedAgain or RefusedMore => told with { IsCounted = true },
        _ => throw new UnreachableException(),
    };
}

/// <summary>What auditors are refused.</summary>
public static class AuditRejection
{
    public static readonly Rejection AuditorsOnly = new(
        "audit.auditors-only", RejectionKind.Forbidden, "Only auditors read the audit log.");

    public static readonly Rejection NoSuchEvent = new(
        "audit.no-such-event", RejectionKind.Missing, "There is no event of that id.");
}
