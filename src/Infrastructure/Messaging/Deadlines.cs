using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>
/// Hands over the work whose time has come, again and again until the view has left the index: nothing stays due for
/// ever because one message was lost.
/// </summary>
internal sealed partial class Deadlines : BackgroundService
{
    // Work that was done and whose view still stands there is offered again, less and less often.
    private readonly Backoff again = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5));

    private readonly Lock gate = new();
    private readonly Dictionary<(string Type, string Body), Offer> offers = [];
    private readonly DueIndex[] indexes;
    private readonly IWorkQueue queue;
    private readonly IReadPosition readers;
    private readonly WorkFormat format;
    private readonly ITurn turn;
    private readonly MessagingSettings settings;
    private readonly TimeProvider clock;
    private readonly ILogger<Deadlines> log;
    private int underWay;

    public Deadlines(
        Slices slices, IServiceProvider services, IWorkQueue queue, IReadPosition readers, WorkFormat format,
        ITurn turn, MessagingMetrics metrics, MessagingSettings settings, TimeProvider clock, ILogger<Deadlines> log)
    {
        (this.queue, this.readers, this.format, this.settings) = (queue, readers, format, settings);
        (this.turn, this.clock, this.log) = (turn, clock, log);
        var projections = slices.All.SelectMany(slice => slice.Projections).ToDictionary(projection => projection.View);
        indexes = [.. slices.All.SelectMany(slice => slice.Deadlines).Select(deadline =>
            (DueIndex)ActivatorUtilities.CreateInstance(
                services, typeof(DueIndex<>).MakeGenericType(deadline.View), deadline, projections[deadline.View]))];
        metrics.Watch(this);
    }

    /// <summary>How much due work is handed over and not done.</summary>
    public int UnderWay
    {
        get
        {
            lock (gate)
                return underWay;
        }
    }

    /// <summary>Hands over all that is due and not under way.</summary>
    public async Task Look(CancellationToken cancel)
    {
        // During a rebuild the views show the past, where much is due that has long been done. Of several nodes one looks.
        if (!readers.IsCaughtUp || !turn.IsOurs)
            return;
        var due = new HashSet<(string, string)>();
        var complete = true;
        foreach (var index in indexes)
        {
            try
            {
                await foreach (var work in index.Due(clock.GetUtcNow(), cancel))
                {
                    var item = format.ItemOf(work, null, null);
                    var message = format.Write(item);
                    due.Add((message.Type, message.Body));
                    if (Take((message.Type, message.Body)) is { } offer)
                        _ = HandOver(item, offer, cancel);
                    if (UnderWay < settings.DueAtOnce)
                        continue;
                    complete = false;
                    break;
                }
            }
            catch (Exception why) when (!cancel.IsCancellationRequested)
            {
                complete = false;
                Failed(log, why, index.Name);
            }
        }

        if (complete)
            Forget(due);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(settings.DeadlinesEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await Look(stoppingToken);
    }

    private Offer? Take((string, string) work)
    {
        lock (gate)
        {
            if (!offers.TryGetValue(work, out var offer))
                offer = new Offer();
            if (offer.IsUnderWay || clock.GetElapsedTime(offer.At) < offer.Rest || underWay >= settings.DueAtOnce)
                return null;
            offers[work] = offer;
            offer.IsUnderWay = true;
            offer.Times++;
            underWay++;
            return offer;
        }
    }

    private async Task HandOver(WorkItem item, Offer offer, CancellationToken cancel)
    {
        try
        {
            await queue.Enqueue(item, cancel);
        }
        catch (Exception why)
        {
            if (!cancel.IsCancellationRequested)
                Failed(log, why, item.Kind);
        }

        lock (gate)
        {
            offer.IsUnderWay = false;
            (offer.At, offer.Rest) = (clock.GetTimestamp(), again.After(offer.Times));
            underWay--;
        }
    }

    private void Forget(HashSet<(string, string)> due)
    {
        lock (gate)
        {
            foreach (var (work, offer) in offers)
            {
                if (!offer.IsUnderWay && !due.Contains(work))
                    offers.Remove(work);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What is due in {Index} could not be handed over; trying again")]
    private static partial void Failed(ILogger log, Exception why, string index);

    private sealed class Offer
    {
        public bool IsUnderWay { get; set; }

        public int Times { get; set; }

        /// <summary>When it was handed over, and how long it rests from then on, whatever clocks say meanwhile.</summary>
        public long At { get; set; }

        public TimeSpan Rest { get; set; }
    }
}

/// <summary>An index of times, of whatever views.</summary>
internal abstract class DueIndex
{
    public abstract string Name { get; }

    /// <summary>The work of all views whose time has come, the longest due first.</summary>
    public abstract IAsyncEnumerable<IWork> Due(DateTimeOffset now, CancellationToken cancel);
}

internal sealed class DueIndex<TView>(IReadModel<TView> views, Deadline deadline, IProjection projection) : DueIndex
    where TView : class
{
    public override string Name => deadline.Index;

    public override async IAsyncEnumerable<IWork> Due(
        DateTimeOffset now, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var nowSort = IndexEntry.Time(now);
        for (string? cursor = null; ;)
        {
            var page = await views.List(deadline.Index, cursor, 200, descending: false, cancel);
            foreach (var view in page.Items)
            {
                if (string.CompareOrdinal(SortOf(view), nowSort) > 0)
                    yield break;
                yield return deadline.Work(view);
            }

            if ((cursor = page.NextCursor) is null)
                yield break;
        }
    }

    // An index entry follows from the view alone, so the time by which it stands there can be found again.
    private string? SortOf(TView view) => projection.Entries("", view)
        .Where(entry => string.Equals(entry.Index, deadline.Index, StringComparison.Ordinal))
        .Min(entry => entry.Sort);
}
