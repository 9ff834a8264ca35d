namespace EventFiles.Features.Audit;

/// <summary>Lets people prove what happened, and tells auditors of all that did and of what was refused. It keeps no view.</summary>
public static class AuditSlice
{
    public static Slice Define() => new Slice("audit")
        .Serves(AuditEndpoint.Map)
        .Serves(TrailEndpoint.Map)
        .Answers<ReadHistory, Page<HistoryEntry>, AuditHandler, ReadHistoryShape>()
        .Answers<ReadTrail, TrailPage, TrailHandler, ReadTrailShape>()
        .Answers<ExportTrail, ExportedTrail, TrailHandler, ExportTrailShape>()
        .Answers<WalkCauses, TrailCauses, TrailHandler>()
        .Stores<AuditEvent.Refused>("audit.refused.v1")
        .Stores<AuditEvent.RefusedAgain>("audit.refused-again.v1")
        .Stores<AuditEvent.RefusedMore>("audit.refused-more.v1")
        .Stores<AuditEvent.Exported>("audit.exported.v1")
        .Stores<AddressEvent.Noted>("audit.address-noted.v1")
        .Offers<IRefusalLog, RefusalLog>()
        .Offers<IAddressBook, AddressBook>();
}
