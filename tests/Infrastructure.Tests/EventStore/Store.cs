using EventFiles.Features.Quota;
using EventFiles.Features.Upload;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Pipeline;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.EventStore;

/// <summary>A node's event store on a database: as the container makes it, with the slices that the tests write with.</summary>
internal sealed class Store : IAsyncDisposable
{
    // All nodes have the same keys.
    private static readonly EphemeralDataProtectionProvider Keys = new();

    private readonly ServiceProvider services;

    public Store(string connectionString, TimeProvider? clock = null)
        : this(connectionString, clock, QuotaSlice.Define(), NotesSlice(), UploadsSlice())
    {
    }

    /// <summary>A program that consists of other slices.</summary>
    public Store(string connectionString, params Slice[] slices)
        : this(connectionString, null, slices)
    {
    }

    private Store(string connectionString, TimeProvider? clock, params Slice[] slices)
    {
        ConnectionString = connectionString;
        services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(clock ?? TimeProvider.System)
            .AddSingleton(new Slices(slices))
            .AddEventStore(connectionString)
            .AddIdempotency()
            .AddSingleton<IDataProtectionProvider>(Keys)
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
    }

    public string ConnectionString { get; }

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    public IStreams Streams => services.GetRequiredService<IStreams>();

    public IEventFeed Feed => services.GetRequiredService<IEventFeed>();

    public ICheckpoints Checkpoints => services.GetRequiredService<ICheckpoints>();

    public LogReaders Readers => services.GetRequiredService<LogReaders>();

    public Once Once => services.GetRequiredService<Once>();

    public AnsweredRequests Answered => services.GetRequiredService<AnsweredRequests>();

    public IArchive Archive => services.GetRequiredService<IArchive>();

    /// <summary>What this node remembers of streams.</summary>
    public StateCache Memory => services.GetRequiredService<StateCache>();

    public EventJson Json => services.GetRequiredService<EventJson>();

    public NpgsqlDataSource Database => services.GetRequiredService<EventPool>().Source;

    /// <summary>The first connection asks the server for its types, which costs rows and round trips of its own.</summary>
    public Task Connect() => Scalar<int>("select 1");

    public async Task<T> Scalar<T>(string sql, params object[] arguments)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var argument in arguments)
            command.Parameters.AddWithValue(argument);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public Task<Answer<string>> Write(string note, string text) => Write(note, new NoteCommand(text));

    public Task<Answer<string>> Write(string note, NoteCommand command) => Streams.Transact<string>(
        async transaction => await transaction.Decide(Note.Of(note), Note.Decider, command) is { } no ? no : command.Text,
        TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => services.DisposeAsync();

    private static Slice NotesSlice() => new Slice("notes")
        .Stores<NoteEvent.Written>("notes.written.v1")
        .Stores<NoteEvent.Titled>("notes.titled.v1")
        .Stores<NoteEvent.Untitled>("notes.untitled.v1")
        .Stores<NoteEvent.Closed>("notes.closed.v1")
        .Stores<NoteEvent.SentTo>("notes.sent.v1")
        .Claiming<NoteEvent.Titled>(titled => Claim.Of(titled.Note, "titles", titled.Title, Note.TitleTaken))
        .Claiming<NoteEvent.Untitled>(untitled => Claim.None(untitled.Note))
        .Claiming<NoteEvent.Closed>(closed => Claim.Close(closed.Note, "titles", Note.TitlesHeld));

    internal static Slice UploadsSlice() => new Slice("uploads").Stores<UploadEvent.Completed>("upload.completed.v1");
}

/// <summary>The simplest stream that can hold, claim and refuse something.</summary>
internal static class Note
{
    public static readonly AccountId Owner = new(Guid.Parse("00000000-0000-7000-8000-00000000000a"));

    public static readonly Rejection TitleTaken = new("notes.title-taken", RejectionKind.Conflict, "Another note has that title.");

    public static readonly Rejection TitlesHeld = new("notes.titles-held", RejectionKind.Conflict, "A note has a title.");

    public static readonly Rejection Empty = new("notes.empty", RejectionKind.Invalid, "A note says something.");

    public static readonly Decider<NoteCommand, NoteState, NoteEvent> Decider = new(
        new NoteState("", 0),
        (state, happened) => new NoteState(happened is NoteEvent.Written written ? written.Text : state.Text, state.Events + 1),
        (state, command, _) => command switch
        {
            { Event: { } happened } => happened,
            { Text: "" } => Empty,
            _ when string.Equals(command.Text, state.Text, StringComparison.Ordinal) => Decision<NoteEvent>.AlreadySo,
            _ => new NoteEvent.Written(command.Text),
        });

    public static StreamId Of(string name) => new(name, Owner);
}

internal sealed record NoteCommand(string Text, NoteEvent? Event = null);

internal sealed record NoteState(string Text, int Events);

internal abstract record NoteEvent
{
    private NoteEvent() { }

    public sealed record Written(string Text) : NoteEvent;

    public sealed record Titled(string Note, string Title) : NoteEvent;

    public sealed record Untitled(string Note) : NoteEvent;

    /// <summary>No note may have a title.</summary>
    public sealed record Closed(string Note) : NoteEvent;

    public sealed record SentTo(Addressee[] Addressees, [Personal] string? Remark, NameConflict OnConflict) : NoteEvent;
}

internal sealed record Addressee([Personal] string Email, int Copies);
