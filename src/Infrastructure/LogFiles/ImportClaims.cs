using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>Which names the events of a file claimed: a table of its own beside the log, and follows from it.</summary>
/// <param name="takesUnreadable">What cannot be read claims nothing, and is no reason to refuse the file.</param>
internal sealed class ImportClaims(EventTypes types, bool takesUnreadable)
{
    /// <summary>What a chunk's events claimed, in order; and with it, that all of them can be read.</summary>
    /// <exception cref="LogFileException">An event that this program does not know or cannot read.</exception>
    public IReadOnlyList<ImportedClaim> Of(LogChunk chunk)
    {
        var claims = new List<ImportedClaim>();
        for (var at = 0; at < chunk.Events.Count; at++)
        {
            var happened = chunk.Events[at];
            try
            {
                if (Of(happened) is { } claim)
                    claims.Add(new ImportedClaim(happened.Position, claim, happened.Tenant ?? ""));
            }
            catch (Exception unreadable)
            {
                if (takesUnreadable && types.Find(happened.Type) is not null)
                    continue;
                throw new LogFileException(
                    LogFileException.UnknownEvent, chunk.FirstLine + at, $"cannot be read as {happened.Type}. {unreadable.Message}");
            }
        }

        return claims;
    }

    private Claim? Of(LogEvent happened)
    {
        var shape = types.Find(happened.Type)
            ?? throw new FormatException("No slice of this program stores an event of that name.");
        var fact = EventJson.Read(
            shape, happened.Data, happened.Private is { } row ? new PrivateRow(row.Salt, row.Fields) : null);
        var claim = shape.Type.Claim?.Invoke(fact);
        // Of a name that was erased, or left out of the file, nothing can be claimed any more.
        return claim is { Key: not null } && shape.Personal is not null && happened.Private is null
            ? Claim.None(claim.Holder)
            : claim;
    }
}

/// <summary>A claim, and the event that made it.</summary>
internal sealed record ImportedClaim(long Position, Claim Claim, string Tenant);
