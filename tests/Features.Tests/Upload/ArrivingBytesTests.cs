using System.IO.Pipelines;
using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Upload;

public sealed class ArrivingBytesTests
{
    // A store that has to give up must not wait for a client that says nothing.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_silent_clients_bytes_are_waited_for_until_either_the_request_or_the_reader_ends(bool byTheReader)
    {
        var silent = new Pipe();
        using var request = new CancellationTokenSource();
        using var reader = new CancellationTokenSource();
        await using var bytes = new ArrivingBytes(silent.Reader.AsStream(), _ => default, request.Token);
        await silent.Writer.WriteAsync(new byte[3], TestContext.Current.CancellationToken);
        Assert.Equal(3, await bytes.ReadAsync(new byte[10], reader.Token));

        var waits = bytes.ReadAsync(new byte[10], reader.Token).AsTask();
        await (byTheReader ? reader : request).CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => waits.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.True(waits.IsCompleted);
    }
}
