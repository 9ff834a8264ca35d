using System.Globalization;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.ShardNode;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// A node that keeps shared views: ShardNode <database> <redis> <prefix> <rests after so many events>
var builder = Host.CreateEmptyApplicationBuilder(settings: null);
builder.Services
    .AddLogging()
    .AddSingleton(new Slices([new Board { RestsAfter = int.Parse(args[3], CultureInfo.InvariantCulture) }.Define()]))
    .AddEventStore(args[0])
    .AddRedisReadModels(args[1], args[2]);
await builder.Build().RunAsync();
