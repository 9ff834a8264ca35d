using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>Which names the events of a file claimed: a table of its own beside the log, and follows from it.</summary>
internal sealed class ImportClaims(EventTypes types)
{
    /// <summary>Nothing is begun that cannot be ended.</summary>
    /// <exception cref="LogFileException">An event that no slice of this program knows.</exception>
    public void CheckNames(LogChunk chunk)
    {
        for (var at = 0; at < chunk.Events.Count; at++)
        {
            if (types.Find(chunk.Events[at].Type) is null)
                throw new LogFileException(chunk.FirstLine + at, $"holds an event named {chunk.Events[at].Type}, which no slice of this program stores.");
        }
    }

    public IEnumerable<ImportedClaim> Of(LogChunk chunk)
    {
        foreach (var happened in chunk.Events)
        {
            if (Of(happened) is { } claim)
                yield return new ImportedClaim(happened.Position, claim, happened.Tenant ?? "");
        }
    }

    private Claim? Of(LogEvent happened)
    {
        var shape = types.Named(happened.Type);
        if (shape.Type.Claim is not { } claims)
            return null;
        var claim = claims(EventJson.Read(shape, happened.Data, happened.Private?.Fields));
        // Of a name that was erased, or left out of the file, nothing can be claimed any more.
        return claim is { Scope: not null } && shape.Personal is not null && happened.Private is null
            ? Claim.None(claim.Holder)
            : claim;
    }
}

/// <summary>A claim, and the event that made it.</summary>
internal sealed record ImportedClaim(long Position, Claim Claim, string Tenant);
