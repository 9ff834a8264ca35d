namespace EventFiles.Features.Bulk;

/// <summary>Does with many entries at once what other slices do with one.</summary>
public static class BulkSlice
{
    public static Slice Define() => new Slice("bulk")
        .Serves(BulkEndpoint.Map)
        .Answers<DoInBulk, BulkOutcomes, BulkHandler, DoInBulkShape>()
        .Stores<BulkEvent.Ended>("bulk.ended.v1")
        .Archives<BulkEvent.Ended>((_, happened) => happened.Stream.Name, BulkDecider.Decider.Until(bulk => bulk.HasEnded));
}
