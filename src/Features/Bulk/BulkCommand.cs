namespace EventFiles.Features.Bulk;

public abstract record BulkCommand
{
    private BulkCommand() { }

    public sealed record End(Guid Bulk, string Verb, int Items, int Refused) : BulkCommand;
}
