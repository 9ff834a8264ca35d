using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Children;

/// <summary>
/// A small pool of warm children. Who wants a picture waits for a free place, and what takes long for one of as many others; children start when they are first needed,
/// are replaced when they are worn out, too slow, too hungry or dead, and are stopped when nobody needs them. Those that
/// run programs which seek in a file are others: they may write one, into memory.
/// </summary>
internal sealed class ChildRenderer : IRenderer, IAsyncDisposable
{
    private readonly ChildOptions options;
    private readonly Launcher pictures;
    private readonly Launcher media;
    private readonly SemaphoreSlim places;
    private readonly SemaphoreSlim longPlaces;
    private readonly List<RenderChild> idle = [];
    private readonly Timer sweep;

    public ChildRenderer(ChildOptions options)
    {
        this.options = options;
        pictures = new Launcher(options, fileBytes: 0);
        media = new Launcher(options, options.MaxVideoBytes);
        places = new SemaphoreSlim(options.Children);
        longPlaces = new SemaphoreSlim(options.Children);
        sweep = new Timer(_ => _ = StopIdle(options.IdleAfter), null, options.IdleAfter, options.IdleAfter);
    }

    /// <summary>The processes that wait for work.</summary>
    public IReadOnlyList<int> IdleProcesses
    {
        get
        {
            lock (idle)
            {
                return [.. idle.Select(child => child.ProcessId)];
            }
        }
    }

    /// <inheritdoc/>
    public async Task<Rendering> Render(Stream original, RenderOrder order, CancellationToken cancel)
    {
        var free = order.Source.IsLong() ? longPlaces : places;
        await free.WaitAsync(cancel);
        try
        {
            var start = original.CanSeek ? original.Position : 0;
            if (await RenderOnce(original, order, cancel) is { } rendering)
                return rendering;
            if (!original.CanSeek)
                throw new TransientException("The child process died.");

            // Once more with a fresh child: perhaps it was the former job's doing, or the system's.
            original.Position = start;
            return await RenderOnce(original, order, cancel)
                ?? new Rendering.Failed("crashed", "The file breaks the program that reads it.");
        }
        finally
        {
            free.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await sweep.DisposeAsync();
        await StopIdle(TimeSpan.Zero);
        pictures.Dispose();
        media.Dispose();
    }

    private async Task<Rendering?> RenderOnce(Stream original, RenderOrder order, CancellationToken cancel)
    {
        var launcher = MediaTools.Reads(order.Source) ? media : pictures;
        var child = await TakeIdle(launcher) ?? await RenderChild.Start(launcher, options, cancel);
        var isReusable = false;
        try
        {
            var end = await child.Run(original, order, cancel);
            isReusable = end.IsReusable && child.Jobs < options.JobsPerChild;
            return end.Rendering;
        }
        finally
        {
            if (isReusable)
                await Return(child);
            else
                await child.DisposeAsync();
        }
    }

    private async Task<RenderChild?> TakeIdle(Launcher launcher)
    {
        while (true)
        {
            RenderChild child;
            lock (idle)
            {
                // The one that was used last: the others get a chance to be stopped.
                var last = idle.FindLastIndex(one => one.Launcher == launcher);
                if (last < 0)
                    return null;
                child = idle[last];
                idle.RemoveAt(last);
            }

            if (child.IsAlive)
                return child;
            await child.DisposeAsync();
        }
    }

    // No more wait than may work: of the one kind or the other, the one that has waited longest goes.
    private async Task Return(RenderChild child)
    {
        RenderChild? surplus = null;
        lock (idle)
        {
            if (idle.Count >= options.Children)
            {
                surplus = idle[0];
                idle.RemoveAt(0);
            }

            idle.Add(child);
        }

        if (surplus is not null)
            await surplus.DisposeAsync();
    }

    private async Task StopIdle(TimeSpan after)
    {
        List<RenderChild> stopped;
        lock (idle)
        {
            stopped = [.. idle.Where(child => Stopwatch.GetElapsedTime(child.FreeSince) >= after)];
            idle.RemoveAll(stopped.Contains);
        }

        foreach (var child in stopped)
            await child.DisposeAsync();
    }
}

/// <summary>Adds the renderer.</summary>
public static class ChildRendererRegistration
{
    /// <summary>Makes pictures in children that are started as <paramref name="options"/> says.</summary>
    public static IServiceCollection AddChildren(this IServiceCollection services, ChildOptions options) =>
        services.AddSingleton<IRenderer>(_ => new ChildRenderer(options)).AddSingleton<ITools, InstalledTools>();
}
