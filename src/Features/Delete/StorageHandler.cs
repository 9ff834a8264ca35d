using MediatR;
using Microsoft.Extensions.Logging;

namespace EventFiles.Features.Delete;

/// <summary>Makes the object store agree with the log.</summary>
internal sealed partial class StorageHandler(
    StorageCheck check, StorageOptions options, TimeProvider clock, ILogger<StorageHandler> log) :
    IRequestHandler<ReconcileStorage, Answer<Done>>
{
    // What a former process stored and did not commit is nobody's: it may go at once. What this one stored may be on its
    // way to a commit, which the grace is many times longer than. Where several processes store, only the grace counts.
    public async Task<Answer<Done>> Handle(ReconcileStorage request, CancellationToken cancellationToken)
    {
        var graceBegins = clock.GetUtcNow() - options.Grace;
        var storedBefore = graceBegins > request.StartedAt ? graceBegins : request.StartedAt;
        await foreach (var found in check.Unclaimed(storedBefore, cancellationToken))
        {
            var (fault, (key, sizeBytes, storedAt), told) = found;
            if (await check.Remove(found, cancellationToken))
                Removed(log, key, fault, sizeBytes, storedAt, told?.Type, told?.Position);
            else
                Left(log, key, fault, sizeBytes, storedAt, told?.Type, told?.Position);
        }

        return new Done();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Key} ({Fault}, {SizeBytes} bytes, stored at {StoredAt:O}): nothing in the log stands for it; {Event} at {Position}")]
    private static partial void Removed(
        ILogger log, ObjectKey key, StorageFault fault, long sizeBytes, DateTimeOffset storedAt, string? @event, long? position);

    [LoggerMessage(Level = LogLevel.Information, Message = "Left {Key} where it is ({Fault}, {SizeBytes} bytes, stored at {StoredAt:O}); {Event} at {Position}")]
    private static partial void Left(
        ILogger log, ObjectKey key, StorageFault fault, long sizeBytes, DateTimeOffset storedAt, string? @event, long? position);
}
