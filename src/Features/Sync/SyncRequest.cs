using System.Text.Json.Serialization;
using MediatR;

namespace EventFiles.Features.Sync;

/// <summary>Tells the caller what changes, from now on.</summary>
/// <param name="Again">Looks again who the caller is: it goes on for as long as they would be let in.</param>
/// <param name="After">Up to where they know all; null for nothing.</param>
public sealed record FollowChanges(Caller By, CallerNow Again, long? After) : IRequest<Answer<ChangeStream>>, IAsked;

/// <summary>What changes, as it does. Whoever has read it disposes of it.</summary>
/// <param name="Changes">Ends when the caller is not let in any more, when the node stops, and when the caller goes.</param>
/// <param name="Place">The account's place among those who follow.</param>
public sealed record ChangeStream(IAsyncEnumerable<StreamedChange> Changes, IDisposable Place) : IDisposable
{
    public void Dispose() => Place.Dispose();
}

/// <summary>One message.</summary>
/// <param name="Position">Whoever has read it knows all up to here; null while more of one moment follows.</param>
public abstract record StreamedChange(long? Position)
{
    /// <summary>The kind of message.</summary>
    public abstract string Kind { get; }

    /// <summary>Something was not told: what is shown is to be read anew. Also the first message of whoever knows nothing.</summary>
    public sealed record Reset(long? Position) : StreamedChange(Position)
    {
        public override string Kind => "reset";
    }

    /// <summary>A file as it is now.</summary>
    public sealed record Of(long? Position, FileChange Change) : StreamedChange(Position)
    {
        public override string Kind => "file";
    }

    /// <summary>A file that the caller may not see any more, or that nobody sees.</summary>
    public sealed record Gone(long? Position, FileGone File) : StreamedChange(Position)
    {
        public override string Kind => "gone";
    }

    /// <summary>Nothing has changed for a while, and the connection is good.</summary>
    public sealed record Heartbeat(long? Position) : StreamedChange(Position)
    {
        public override string Kind => "heartbeat";
    }

    /// <summary>The caller is not let in any more: coming again with the same sign-in would not help.</summary>
    public sealed record SignedOut(long? Position) : StreamedChange(Position)
    {
        public override string Kind => "end";
    }
}

/// <summary>A file, and how far it has come.</summary>
/// <param name="File">As <c>getFile</c> shows it.</param>
/// <param name="Status">As <c>getFileStatus</c> shows it.</param>
public sealed record FileChange(FileSummary File, FileStatusView Status);

/// <summary>A file that is not to be seen any more.</summary>
/// <param name="FileId">Which one.</param>
public sealed record FileGone([property: JsonPropertyName("id")] FileId FileId);
