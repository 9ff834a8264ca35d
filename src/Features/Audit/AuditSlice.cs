namespace EventFiles.Features.Audit;

/// <summary>Lets people prove what happened. It adds nothing to the log and keeps no view of its own.</summary>
public static class AuditSlice
{
    public static Slice Define() => new Slice("audit")
        .Serves(AuditEndpoint.Map)
        .Answers<ReadHistory, Page<HistoryEntry>, AuditHandler, ReadHistoryShape>();
}
