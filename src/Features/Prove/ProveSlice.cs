namespace EventFiles.Features.Prove;

/// <summary>Lets anybody see that the log was not rewritten. It adds nothing to the log and keeps no view.</summary>
public static class ProveSlice
{
    public static Slice Define() => new Slice("prove")
        .Serves(ProveEndpoint.Map)
        .Answers<ReadCheckpoint, LogCheckpoint, ProveHandler>()
        .Answers<ReadVerifierKey, string, ProveHandler>()
        .Answers<ReadTile, byte[], ProveHandler>()
        .Answers<ReadEntries, byte[], ProveHandler>()
        .Answers<ProveEvent, EventProof, ProveHandler, ProveEventShape>();
}
